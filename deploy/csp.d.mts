/** The policy of everything but the viewer's worker scripts. */
export function pagePolicy(page: string, connect?: readonly string[]): string;
/** The policy of the viewer's worker scripts. */
export function workerPolicy(connect?: readonly string[]): string;
/** The map that deploy/nginx/find-l3.conf asks for the policy of an address. */
export function nginxMap(page: string, connect?: readonly string[]): string;
