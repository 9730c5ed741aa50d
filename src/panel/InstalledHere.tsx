import React from 'react';
import { ONNX_RUNTIME_VERSION, RELEASE } from '../release/release';
import { say } from '../text/say';
import type { Installed } from '../viewer/host/installed';
import { settingProblemText, type SettingInForce } from '../viewer/host/settings';
import type { ModelSource } from '../viewer/state';
import { Section } from './Section';

const NO_THREADS = {
  'not-isolated': 'installed.notIsolated',
  'no-shared-memory': 'installed.noSharedMemory',
} as const;

/** Versions and settings for those who are asked for help; wrong settings are seen without a click. */
export function InstalledHere(props: {
  readonly installed: Installed;
  readonly model: ModelSource | null;
}): React.ReactElement {
  const { installed, model } = props;
  const { folder, cornerstone, isSecure, threadObstacle, settings, problems } = installed;
  return (
    <>
      {problems.length > 0 && (
        <div className="notice" role="status" data-cy="find-l3-wrong-settings">
          <p>{say('installed.wrong')}</p>
          <ul>
            {problems.map((problem) => (
              <li key={problem.name}>{settingProblemText(problem)}</li>
            ))}
          </ul>
        </div>
      )}
      <Section name="installed" title={say('installed.title')}>
        <dl data-cy="find-l3-installed">
          <dt>{say('installed.program')}</dt>
          <dd data-cy="find-l3-release">{say('installed.release', { ...RELEASE })}</dd>
          <dt>{say('installed.folder')}</dt>
          <dd>{folder}</dd>
          {model && (
            <>
              <dt>{say('answer.model')}</dt>
              <dd>
                {model.name} {model.version}
              </dd>
            </>
          )}
          <dt>{say('installed.runtime')}</dt>
          <dd>
            <span lang="en">ONNX Runtime Web</span> {ONNX_RUNTIME_VERSION}
          </dd>
          <dt>{say('installed.viewer')}</dt>
          <dd>
            {cornerstone
              ? say('installed.cornerstone', { version: cornerstone })
              : say('installed.cornerstoneUnknown')}
          </dd>
          <dt>{say('installed.page')}</dt>
          <dd>
            {say(isSecure ? 'installed.secure' : 'installed.insecure')}
            <br />
            {say(threadObstacle === null ? 'installed.isolated' : NO_THREADS[threadObstacle])}
          </dd>
        </dl>
        <SettingsTable settings={settings} />
      </Section>
    </>
  );
}

function SettingsTable({ settings }: { settings: readonly SettingInForce[] }) {
  return (
    <div className="table" tabIndex={0}>
      <table className="settings" aria-label={say('installed.settings')} data-cy="find-l3-settings">
        <thead>
          <tr>
            <th>{say('installed.setting')}</th>
            <th>{say('installed.value')}</th>
            <th>{say('installed.by')}</th>
          </tr>
        </thead>
        <tbody>
          {settings.map(({ name, value, isDefault }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{value === null ? say('installed.secret') : <code lang="en">{value}</code>}</td>
              <td>{say(isDefault ? 'installed.byDefault' : 'installed.bySite')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
