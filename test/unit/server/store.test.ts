import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ctSlice } from './dicomBytes';
import { TestService } from './service';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

describe('STOW-RS', () => {
  const TYPE = 'multipart/related; type="application/dicom"; boundary=XyZ';
  const post = (payload: Buffer, path = '/studies', type = TYPE) =>
    service.post(payload, path, type);
  const store = (bodies: Buffer[], path = '/studies', type = TYPE) =>
    post(
      Buffer.concat([
        ...bodies.flatMap((body) => [
          Buffer.from('--XyZ\r\nContent-Type: application/dicom\r\n\r\n'),
          body,
          Buffer.from('\r\n'),
        ]),
        Buffer.from('--XyZ--\r\n'),
      ]),
      path,
      type,
    );
  const stored = ctSlice({ study: '7.1', series: '7.1.1', sop: '7.1.1.1' });
  const references = (sops: string[]) =>
    sops.map((sop) => ({
      '00081150': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
      '00081155': { vr: 'UI', Value: [sop] },
      '00081190': { vr: 'UR', Value: [expect.stringMatching(new RegExp(`/instances/${sop}$`))] },
    }));
  const reason = (code: number) => ({ '00081197': { vr: 'US', Value: [code] } });

  test('keeps an instance, which can be found and read at once', async () => {
    const answer = await store([stored]);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        '00081190': { vr: 'UR', Value: ['http://localhost:80/dicomweb/studies/7.1'] },
        '00081199': { vr: 'SQ', Value: references(['7.1.1.1']) },
      },
    ]);
    expect(await service.values('/studies?StudyInstanceUID=7.1', '00201208')).toEqual([1]);
    const again = await service.get(
      '/studies/7.1/series/7.1.1/instances/7.1.1.1',
      'application/dicom',
    );
    expect(again.rawPayload).toEqual(stored);
    expect(await readdir(join(service.folder, 'stow'), { recursive: true })).toEqual(
      expect.arrayContaining(['7.1/7.1.1/7.1.1.1.dcm']),
    );
  });

  test('takes the same instance twice, but not another under its UID', async () => {
    expect((await store([stored])).statusCode).toBe(200);
    const other = ctSlice({ study: '7.1', series: '7.1.1', sop: '7.1.1.1', name: 'Else' });
    const answer = await store([other]);
    expect([answer.statusCode, answer.json()['00081198'].Value]).toEqual([
      409,
      [expect.objectContaining(reason(0x0110))],
    ]);
    const kept = await service.get(
      '/studies/7.1/series/7.1.1/instances/7.1.1.1',
      'application/dicom',
    );
    expect(kept.rawPayload).toEqual(stored);
  });

  test('keeps what it can of a mixed request', async () => {
    const big = ctSlice({
      study: '7.2',
      series: '7.2.1',
      sop: '7.2.1.1',
      more: [['00091002', 'OB', Buffer.alloc(3_000_000, 'x')]],
    });
    const answer = await store([Buffer.from('not DICOM at all'), big, stored.subarray(0, 300)]);
    expect([answer.statusCode, answer.json()]).toEqual([
      202,
      {
        '00081190': { vr: 'UR', Value: ['http://localhost:80/dicomweb/studies/7.2'] },
        '00081198': { vr: 'SQ', Value: [reason(0xc000), reason(0xc000)] },
        '00081199': { vr: 'SQ', Value: references(['7.2.1.1']) },
      },
    ]);
  });

  test('leaves nothing behind of what it refuses', async () => {
    const before = (await readdir(join(service.folder, 'stow'), { recursive: true })).sort();
    const hostile = ctSlice({ study: '..', series: '../..', sop: '../../a/1' });
    const answer = await store([hostile, ctSlice({ study: '7.3', series: 'x/y', sop: '1' })]);
    expect([answer.statusCode, answer.json()]).toEqual([
      409,
      { '00081198': { vr: 'SQ', Value: [reason(0xc000), reason(0xc000)] } },
    ]);
    expect((await readdir(join(service.folder, 'stow'), { recursive: true })).sort()).toEqual(
      before,
    );
  });

  test('takes only instances of the study it is addressed to', async () => {
    const other = ctSlice({ study: '7.5', series: '7.5.1', sop: '7.5.1.1' });
    const answer = await store([other], '/studies/7.4');
    expect(answer.statusCode).toBe(409);
    expect(answer.json()['00081198'].Value[0]).toMatchObject(reason(0xa900));
    expect((await store([other], '/studies/7.5')).statusCode).toBe(200);
  });

  test.each([
    ['application/json', 415],
    ['multipart/form-data; boundary=XyZ', 415],
    ['multipart/related; type="application/dicom+json"; boundary=XyZ', 415],
    ['multipart/related; type="application/dicom"', 400],
    ['multipart/related; type="application/dicom"; boundary=Other', 400],
  ])('refuses a body of %s', async (type, status) => {
    expect((await store([stored], '/studies', type)).statusCode).toBe(status);
  });

  test('refuses a message that is cut short, and an empty one', async () => {
    expect((await post(Buffer.from('--XyZ--\r\n'))).statusCode).toBe(400);
    const head = Buffer.from('--XyZ\r\nContent-Type: application/dicom\r\n\r\n');
    const cut = ctSlice({ study: '7.6', series: '7.6.1', sop: '7.6.1.1' });
    expect((await post(Buffer.concat([head, cut.subarray(0, 200)]))).statusCode).toBe(400);
    expect(await service.found('/studies?StudyInstanceUID=7.6')).toEqual([]);
  });
});
