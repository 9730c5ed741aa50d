import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { appConfigScript } from '../../../src/server/appConfig';

interface Config extends Readonly<Record<string, unknown>> {
  readonly dataSources: readonly {
    readonly namespace: string;
    readonly configuration: Readonly<Record<string, unknown>>;
  }[];
}

/** What a script sets, as plain data. */
function configOf(script: string): Config {
  const window: { config?: unknown } = {};
  runInNewContext(script, { window });
  return JSON.parse(JSON.stringify(window.config)) as Config;
}

const deployed = configOf(readFileSync('deploy/app-config.js', 'utf8'));
const served = configOf(appConfigScript({ extensions: [], pacs: 'https://pacs.test/dicom-web' }));

const without = (settings: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));

/** What follows from where the PACS is. */
const PLACE = ['friendlyName', 'name', 'qidoRoot', 'wadoRoot', 'wadoUriRoot', 'bulkDataURI'];

test('an admin’s data source asks a PACS for what the one of npm start asks', () => {
  const [[ours], [theirs]] = [served.dataSources, deployed.dataSources];
  const asked = without(ours.configuration, PLACE);
  expect(theirs.namespace).toBe(ours.namespace);
  expect(Object.keys(asked).length).toBeGreaterThan(5);
  expect(without(theirs.configuration, PLACE)).toEqual(asked);
  expect(ours.configuration.bulkDataURI).toMatchObject(theirs.configuration.bulkDataURI as object);
});

test('an admin’s viewer has the settings of npm start', () => {
  const own = ['extensions', 'dataSources', 'defaultDataSourceName'];
  expect(served).toMatchObject(without(deployed, own));
});
