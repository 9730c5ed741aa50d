import React, { useEffect, useRef } from 'react';
import type { Answered } from '../finder/types';
import { say } from '../text/say';
import type { Installed } from '../viewer/host/installed';
import type { ModelCardState, ModelSource } from '../viewer/state';
import { InstalledHere } from './InstalledHere';
import { megabytes, runtimeDetail, runtimeText, timingText } from './text';

/** Where the model comes from and how large it is; nothing until that is known. */
export function ModelSourceLine({ model }: { model: ModelSource | null }) {
  if (!model) return null;
  const { name, version, bytes, address } = model;
  const values = { name: `${name} ${version}`, megabytes: megabytes(bytes), address };
  return (
    <p className="quiet small model-source" data-cy="find-l3-model-source">
      {say('model.from', values)}
    </p>
  );
}

/** The card of the model package over the panel's content, as text. */
export function ModelCard(props: {
  readonly card: ModelCardState;
  readonly model: ModelSource | null;
  readonly installed: Installed | null;
  /** Of the last search: what it ran on and how long. */
  readonly finding: Answered | null;
  readonly run: (command: string) => void;
}): React.ReactElement {
  const { card, model, installed, finding, run } = props;
  const closing = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    closing.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const close = () => run('hideModelCard');
  const leave = (event: React.KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    close();
  };
  return (
    <div
      className="card"
      role="dialog"
      aria-label={say('model.card')}
      data-cy="find-l3-card"
      onKeyDown={leave}
    >
      <div className="shown">
        <h2>{say('model.about')}</h2>
        <button ref={closing} type="button" data-cy="find-l3-card-close" onClick={close}>
          {say('model.close')}
        </button>
      </div>
      <ModelSourceLine model={model} />
      {finding && <RunFacts finding={finding} />}
      {installed && <InstalledHere installed={installed} model={model} />}
      <CardBody card={card} />
    </div>
  );
}

function RunFacts({ finding }: { finding: Answered }): React.ReactElement {
  const { model, runtime, timing } = finding;
  const detail = runtimeDetail(runtime);
  return (
    <dl data-cy="find-l3-details">
      <dt>{say('answer.ranOn')}</dt>
      <dd data-cy="find-l3-runtime" data-runtime={runtime.runtime}>
        {runtimeText(runtime)}
        {detail && <span lang="en"> ({detail})</span>}
      </dd>
      <dt>{say('answer.took')}</dt>
      <dd>{timingText(timing)}</dd>
      <dt>{say('answer.model')}</dt>
      <dd data-cy="find-l3-model" title={`SHA-256 ${model.sha256}`}>
        {model.name} {model.version}
      </dd>
    </dl>
  );
}

function CardBody({ card }: { card: ModelCardState }): React.ReactElement | null {
  switch (card.phase) {
    case 'closed':
      return null;
    case 'loading':
      return <p role="status">{say('model.loading')}</p>;
    case 'missing':
      return (
        <div className="notice" role="status">
          <p>{say('model.noCard')}</p>
          <p className="quiet">{say('model.noCardAdvice', { file: card.address })}</p>
        </div>
      );
    case 'open':
      return (
        <>
          <p className="quiet small">{say('model.inEnglish')}</p>
          <div lang="en" tabIndex={0} className="card-text">
            {blocksOf(card.text).map((block, index) => (
              <Block key={index} block={block} />
            ))}
          </div>
        </>
      );
  }
}

type CardBlock =
  | { readonly kind: 'heading' | 'text' | 'code'; readonly text: string }
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] };

function Block({ block }: { block: CardBlock }): React.ReactElement {
  switch (block.kind) {
    case 'heading':
      return <h3>{block.text}</h3>;
    case 'text':
      return <p>{block.text}</p>;
    case 'code':
      return <pre tabIndex={0}>{block.text}</pre>;
    case 'table': {
      const [head, ...rows] = block.rows;
      return (
        <div className="table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {head.map((cell, column) => (
                  <th key={column}>{cell}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((cells, row) => (
                <tr key={row}>
                  {cells.map((cell, column) => (
                    <td key={column}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    }
  }
}

/** Headings, tables and code of a Markdown text set apart, its lines made whole: text, never markup. */
export function blocksOf(markdown: string): readonly CardBlock[] {
  const blocks: CardBlock[] = [];
  let lines: string[] = [];
  let isCode = false;
  const end = () => {
    const rows = isCode ? null : tableRows(lines);
    const text = lines.join('\n');
    lines = [];
    if (rows) blocks.push({ kind: 'table', rows });
    else if (text.trim() !== '') blocks.push({ kind: isCode ? 'code' : 'text', text });
  };
  for (const line of markdown.split(/\r?\n/)) {
    if (line.startsWith('```')) {
      end();
      isCode = !isCode;
    } else if (isCode) lines.push(line);
    else if (line.trim() === '') end();
    else if (/^#+ /.test(line)) {
      end();
      blocks.push({ kind: 'heading', text: line.replace(/^#+ /, '') });
    } else {
      const plain = line.replaceAll(/\*\*|`/g, '').trim();
      const goesOn = lines.length > 0 && !/^[-|] ?/.test(plain);
      if (goesOn) lines.push(`${lines.pop()} ${plain}`);
      else lines.push(plain.replace(/^- /, '• '));
    }
  }
  end();
  return blocks;
}

function tableRows(lines: readonly string[]): readonly (readonly string[])[] | null {
  if (lines.length === 0 || !lines.every((line) => line.startsWith('|'))) return null;
  return lines
    .filter((line) => !/^[|:\s-]+$/.test(line))
    .map((line) =>
      line
        .replace(/^\||\|\s*$/g, '')
        .split('|')
        .map((cell) => cell.trim()),
    );
}
