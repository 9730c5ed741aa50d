import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { Dataset } from '../../src/sr/types';
import { itemsOf, textOf } from '../../src/sr/values';
import { readBack } from '../unit/sr/dicomFile';
import type { HostWindow } from './harness';

/** Brings the host's measurement panel to the front. */
export async function showMeasurements(page: Page): Promise<void> {
  await page.locator('[data-cy="trackedMeasurements-btn"]').click();
  await page.locator('[data-cy="trackedMeasurements-panel"]').last().waitFor();
}

/** Rows of the host's list of measurements. */
export const rows = (page: Page): Locator => page.locator('[data-cy=data-row]');

/** Chooses an entry of a row's menu, as a person does. */
export async function chooseOf(page: Page, row: Locator, entry: string | RegExp): Promise<void> {
  await row.hover();
  await row.locator('[data-cy=actionsMenuTrigger]').click();
  await page.getByRole('menuitem', { name: entry }).click();
}

/** Presses the eye of a row. */
export async function toggleEye(row: Locator): Promise<void> {
  await row.hover();
  await row.locator('[data-cy=data-row-visibility-toggle]').click();
}

/** Types into the host's dialog for labels, and saves. */
export async function rename(page: Page, row: Locator, label: string): Promise<void> {
  await chooseOf(page, row, 'Rename');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(label);
  await dialog.locator('[data-cy=input-dialog-save-button]').click();
  await dialog.waitFor({ state: 'detached' });
}

/** Answers a question that the host asks in a viewport. */
export async function answer(page: Page, question: string, reply: 'Yes' | 'No'): Promise<void> {
  await page.getByText(question).waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: reply, exact: true }).click();
  await page.getByText(question).waitFor({ state: 'detached' });
}

/** What the host says of its measurements, beside what every test reads. */
export const states = (page: Page) =>
  page.evaluate(() =>
    (
      (window as unknown as HostWindow).services.measurementService.getMeasurements() as readonly {
        readonly uid: string;
        readonly label?: string;
        readonly isLocked?: boolean;
        readonly isVisible?: boolean;
        readonly referenceSeriesUID?: string;
        readonly points?: readonly (readonly number[])[];
      }[]
    ).map(({ uid, label, isLocked, isVisible, referenceSeriesUID, points }) => ({
      uid,
      label,
      isLocked,
      isVisible,
      referenceSeriesUID,
      zMm: points![0][2],
    })),
  );

/** The reports that the small server keeps in a folder, oldest first. */
export async function storedReports(storeDir: string): Promise<readonly Dataset[]> {
  const stored = path.join(storeDir, 'stored');
  const files = await readdir(stored, { recursive: true, withFileTypes: true });
  const all = await Promise.all(
    files
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const bytes = await readFile(path.join(parentPath, name));
        return readBack(new Uint8Array(bytes).buffer);
      }),
  );
  const written = ({ ContentDate, ContentTime }: Dataset) =>
    `${textOf(ContentDate)} ${textOf(ContentTime)}`;
  return all
    .filter(({ Modality }) => Modality === 'SR')
    .sort((a, b) => (written(a) < written(b) ? -1 : 1));
}

/** Tracking identifiers of a report's groups, and the images that their points lie on. */
export function trackedIn(report: Dataset): readonly { identifier: string; image: string }[] {
  const below = (item: Dataset): readonly Dataset[] =>
    itemsOf(item.ContentSequence).flatMap((child) => [child, ...below(child)]);
  const groups = below(report).filter(({ ConceptNameCodeSequence }) =>
    JSON.stringify(ConceptNameCodeSequence ?? null).includes('"125007"'),
  );
  return groups.map((group) => {
    const items = below(group);
    const point = items.find(({ ValueType }) => ValueType === 'SCOORD');
    const [image] = itemsOf(point?.ContentSequence);
    const [reference] = itemsOf(image?.ReferencedSOPSequence);
    return {
      identifier: textOf(items.find(({ ValueType }) => ValueType === 'TEXT')?.TextValue),
      image: textOf(reference?.ReferencedSOPInstanceUID),
    };
  });
}
