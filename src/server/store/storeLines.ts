import type { RunningStore } from '../startServer';

const LEFT_LISTED = 5;

/** What a person who starts the server is told of where it keeps what is saved in the viewer. */
export function storeLines({ folder, obstacle, former }: RunningStore): readonly string[] {
  const files = (count: number) => `${count} ${count === 1 ? 'file' : 'files'}`;
  const { moved, left } = former;
  const more = left.length - LEFT_LISTED;
  return [
    obstacle === null
      ? `What is saved in the viewer is kept in ${folder}`
      : `Warning: nothing can be saved in the viewer: ${obstacle}`,
    ...(moved > 0 ? [`Moved there ${files(moved)} that 0.3.0 had saved`] : []),
    ...left
      .slice(0, LEFT_LISTED)
      .map(({ path, why }) => `Warning: ${path} of 0.3.0 stays where it is: ${why}`),
    ...(more > 0 ? [`Warning: so do ${files(more)} more`] : []),
  ];
}
