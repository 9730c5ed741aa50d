import type { LevelEvidence } from '../levels/types';
import type { Projection } from '../projection/types';
import { mapCount, type ModelManifest } from './manifest';
import { ModelError } from './modelError';

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Planes or maps one after the other, each height x width, row-major. */
export interface Stack extends Size {
  readonly data: Float32Array;
}

/**
 * A projection as the network takes it: its channels, with zeros at the bottom and on the right up to
 * a multiple of the manifest's `multipleOf`.
 *
 * @throws ModelError ('input') when the projection was not made for this model
 */
export function networkInput(
  projection: Projection,
  manifest: Pick<ModelManifest, 'name' | 'input'>,
): Stack {
  checkProjection(projection, manifest);
  const { channels, multipleOf } = manifest.input;
  const upTo = (size: number) => Math.ceil(size / multipleOf) * multipleOf;
  const size = { height: upTo(projection.height), width: upTo(projection.width) };
  return { data: resized(projection.data, channels.length, projection, size), ...size };
}

/** What the network, or each network of a committee, answered, cut back to the projection. */
export function evidenceOf(
  maps: Stack,
  projection: Size,
  { output }: Pick<ModelManifest, 'output'>,
): LevelEvidence {
  const { levels, lastRib, members, stride } = output;
  const size = {
    height: Math.ceil(projection.height / stride),
    width: Math.ceil(projection.width / stride),
  };
  const data = resized(maps.data, members * mapCount(output), maps, size);
  const evidence = { levels, lastRib, ...size, stride };
  if (members === 1) return { ...evidence, maps: data };
  const length = data.length / members;
  const each = Array.from({ length: members }, (_, member) =>
    data.subarray(member * length, (member + 1) * length),
  );
  return { ...evidence, maps: meanOf(each), members: each };
}

function meanOf(members: readonly Float32Array[]): Float32Array {
  return members[0].map((_, i) => members.reduce((sum, maps) => sum + maps[i], 0) / members.length);
}

function checkProjection(
  projection: Projection,
  manifest: Pick<ModelManifest, 'name' | 'input'>,
): void {
  const { channels, mmPerPixel } = manifest.input;
  const fail = (message: string): never => {
    throw new ModelError('input', `the projection does not fit ${manifest.name}: ${message}`);
  };
  if (projection.channels.join() !== channels.join()) {
    fail(`it has the channels ${projection.channels.join(', ')}, not ${channels.join(', ')}`);
  }
  if (Math.abs(projection.mmPerPixel - mmPerPixel) > 1e-6) {
    fail(`it has ${projection.mmPerPixel} mm a pixel, not ${mmPerPixel}`);
  }
  if (projection.data.length !== channels.length * projection.height * projection.width) {
    fail(`it has ${projection.data.length} values for its size`);
  }
  if (projection.data.some((value) => Number.isNaN(value))) fail('it holds NaN');
}

/** Planes of another size: cut off, or filled with zeros, at the bottom and on the right. */
function resized(data: Float32Array, planes: number, from: Size, to: Size): Float32Array {
  const result = new Float32Array(planes * to.height * to.width);
  const rows = Math.min(from.height, to.height);
  const columns = Math.min(from.width, to.width);
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < rows; row++) {
      const start = (plane * from.height + row) * from.width;
      result.set(data.subarray(start, start + columns), (plane * to.height + row) * to.width);
    }
  }
  return result;
}
