import fc from 'fast-check';
import { partsOf } from '../../../src/dicomweb/multipartMessage';

async function* cut(message: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  let turn = 0;
  for (let at = 0; at < message.length;) {
    const length = lengths[turn++ % lengths.length]!;
    yield message.subarray(at, at + length);
    at += length;
  }
}

async function read(message: Buffer, lengths: readonly number[] = [1e9]): Promise<string[]> {
  const parts: string[] = [];
  for await (const part of partsOf(cut(message, lengths), 'XyZ')) {
    const chunks: Buffer[] = [];
    for await (const chunk of part) chunks.push(Buffer.from(chunk));
    parts.push(Buffer.concat(chunks).toString('latin1'));
  }
  return parts;
}

const message = (parts: readonly string[], head = 'Content-Type: application/dicom\r\n') =>
  Buffer.from(
    `${parts.map((part) => `--XyZ\r\n${head}\r\n${part}\r\n`).join('')}--XyZ--\r\n`,
    'latin1',
  );

/** Contents that nearly hold the delimiter. */
const contents = fc.array(
  fc.array(fc.constantFrom('\r\n', '--', '\r\n--Xy', '-', 'Z', '\0', '\xff', 'a\r\n\r\nb')),
);
const joined = contents.map((parts) => parts.map((pieces) => pieces.join('')));

test('gives back what was sent, however it is cut on its way', async () => {
  await fc.assert(
    fc.asyncProperty(
      joined.filter((parts) => parts.every((part) => !part.includes('\r\n--XyZ'))),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      async (parts, lengths) => {
        expect(await read(message(parts), lengths)).toEqual(parts);
      },
    ),
  );
});

test('reads parts without headers, and passes over what stands before and after', async () => {
  const [before, after] = [Buffer.from('before\r\n'), Buffer.from('after')];
  for (const lengths of [[1], [3, 7], [1e9]]) {
    expect(await read(message(['a', '', 'c'], ''), lengths)).toEqual(['a', '', 'c']);
    expect(await read(Buffer.concat([before, message(['a']), after]), lengths)).toEqual(['a']);
  }
});

test('passes over the rest of a part that is not read to its end', async () => {
  const read: string[] = [];
  for await (const part of partsOf(cut(message(['abcdefgh'.repeat(20), 'second']), [16]), 'XyZ')) {
    for await (const chunk of part) {
      read.push(chunk.toString());
      break;
    }
  }
  expect(read).toHaveLength(2);
  expect(read[1]).toMatch(/^s/);
});

test('holds no more than what comes at once', async () => {
  const chunk = Buffer.alloc(1000, 'x');
  let sent = 0;
  async function* long(): AsyncGenerator<Buffer> {
    yield Buffer.from('--XyZ\r\n\r\n');
    for (; sent < 500; sent++) yield chunk;
    yield Buffer.from('\r\n--XyZ--');
  }
  let bytes = 0;
  for await (const part of partsOf(long(), 'XyZ')) {
    for await (const got of part) {
      bytes += got.length;
      expect(sent * chunk.length - bytes).toBeLessThanOrEqual(chunk.length);
    }
  }
  expect(bytes).toBe(500_000);
});

test.each([
  ['that ends early', message(['a', 'b']).subarray(0, -6), /closing delimiter/],
  ['of another boundary', Buffer.from('--Other\r\n\r\na\r\n--Other--'), /closing delimiter/],
  ['that has no end of headers', Buffer.from(`--XyZ\r\n${'a'.repeat(1e5)}`), /no parts/],
  ['that has no beginning', Buffer.alloc(1e6), /no parts/],
])('refuses a message %s', async (_, bytes, what) => {
  await expect(read(bytes, [1000])).rejects.toThrow(what);
  await expect(read(bytes, [1000])).rejects.toMatchObject({ statusCode: 400 });
});
