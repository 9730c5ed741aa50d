import type { Vec3 } from '../../src/series/types';

type Point = [number, number, number];

/** A stack or volume viewport as far as the extension moves and reads one. */
export class FakeViewport {
  readonly element = Object.defineProperties(document.createElement('div'), {
    clientWidth: { value: 512 },
    clientHeight: { value: 512 },
  });
  readonly jumps: Point[] = [];
  index = 0;

  constructor(
    readonly id: string,
    readonly type: 'stack' | 'orthographic',
    private readonly normal: Point,
    private readonly imageIds: readonly string[] = [],
    private focalPoint: Point = [0, 0, 0],
    private readonly planeOf: (
      imageId: string,
    ) => { imagePositionPatient: Vec3 } | undefined = () => undefined,
    private readonly frameOfReferenceUID: string | null = '1.2.3.9',
  ) {}

  getImageIds = () => [...this.imageIds];
  getCurrentImageId = () => this.imageIds[this.index];
  getCurrentImageIdIndex = () => this.index;
  /** As the host's: undefined where the images have none. */
  getFrameOfReferenceUID = (): string | undefined => this.frameOfReferenceUID ?? undefined;
  /** 1 pixel a mm: x (sagittal: y) to the right, z (axial: y) down from the middle of 512. */
  worldToCanvas = ([x, y, z]: Point): [number, number] => {
    const isAxial = Math.abs(this.normal[2]) > 0.5;
    const isSagittal = Math.abs(this.normal[0]) > 0.5;
    return [256 + (isSagittal ? y : x), 256 + (isAxial ? y : -z)];
  };
  getCamera = () => ({
    viewPlaneNormal: this.normal,
    viewUp: [0, -1, 0],
    focalPoint: this.focalPoint,
  });
  getActors = () => [{}];
  render(): void {}

  async setImageIdIndex(index: number): Promise<string> {
    this.index = index;
    const position = this.planeOf(this.imageIds[index])?.imagePositionPatient;
    if (position) this.focalPoint = [0, 0, position[2]];
    this.element.dispatchEvent(new CustomEvent('CORNERSTONE_STACK_NEW_IMAGE'));
    return this.imageIds[index];
  }

  jumpToWorld(point: Point): boolean {
    this.jumps.push(point);
    const [n, f] = [this.normal, this.focalPoint];
    const by = n.reduce((sum, value, i) => sum + value * (point[i] - f[i]), 0);
    this.focalPoint = f.map((value, i) => value + n[i] * by) as Point;
    this.element.dispatchEvent(new CustomEvent('CORNERSTONE_CAMERA_MODIFIED'));
    return true;
  }
}
