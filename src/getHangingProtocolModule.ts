import { reviewProtocols } from './viewer/layout/reviewProtocol';

/** The layout Review L3. */
export function getHangingProtocolModule() {
  return reviewProtocols().map((protocol) => ({ name: protocol.id, protocol }));
}
