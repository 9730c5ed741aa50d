import { test } from '@jest/globals';
import { expectAsksForLarge } from '../narrowPanel';
import { ensurePhantoms } from '../phantoms/phantoms';

test('a large series is announced in English and not read until a person wants it; doubt is explained', async () => {
  await expectAsksForLarge('en', await ensurePhantoms());
}, 300_000);
