import { say } from '../../text/say';

/** How long a piece of information stays, ms. */
const INFORMATION_MS = 30_000;

const CARD: Partial<CSSStyleDeclaration> = {
  position: 'fixed',
  left: '50%',
  bottom: '24px',
  transform: 'translateX(-50%)',
  zIndex: '10000',
  maxWidth: 'min(560px, calc(100vw - 32px))',
  padding: '12px 16px',
  borderRadius: '6px',
  background: '#041c4a',
  color: '#ffffff',
  font: '14px/1.45 Inter, system-ui, sans-serif',
  boxShadow: '0 4px 16px #0008',
  overflowWrap: 'anywhere',
};
const BUTTON: Partial<CSSStyleDeclaration> = {
  marginTop: '8px',
  marginRight: '8px',
  padding: '4px 12px',
  border: '1px solid #5acce6',
  borderRadius: '4px',
  background: 'transparent',
  color: 'inherit',
  font: 'inherit',
  cursor: 'pointer',
};

export interface NoticeOptions {
  /** 'problem' stays until it is closed, 'work' until something else is said. */
  readonly kind: 'work' | 'information' | 'problem';
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
  /** A way on, beside closing it. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

/**
 * One message over the page, whichever page of the host that is: its own notifications exist only
 * once a study is open. Texts are set as text, never as markup.
 */
export class Notice {
  private card: HTMLElement | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param about what the messages are about, for tests */
  constructor(private readonly about: 'nifti' | 'unsaved') {}

  show({ kind, text, advice, action }: NoticeOptions): void {
    this.clear();
    const card = element('div', CARD);
    card.setAttribute('role', kind === 'problem' ? 'alert' : 'status');
    card.dataset.cy = `find-l3-${this.about}-${kind}`;
    card.append(element('div', {}, text));
    if (advice) card.append(element('div', { color: '#90b9dd' }, advice));
    if (kind !== 'work') {
      if (action) {
        card.append(
          button(action.label, () => {
            this.clear();
            action.run();
          }),
        );
      }
      card.append(button(say('notice.close'), () => this.clear()));
    }
    document.body.append(card);
    this.card = card;
    if (kind === 'information') this.timer = setTimeout(() => this.clear(), INFORMATION_MS);
  }

  clear(): void {
    clearTimeout(this.timer);
    this.card?.remove();
    this.card = null;
  }
}

function element(name: string, style: Partial<CSSStyleDeclaration>, text?: string): HTMLElement {
  const made = document.createElement(name);
  Object.assign(made.style, style);
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(label: string, onClick: () => void): HTMLElement {
  const made = element('button', BUTTON, label);
  made.setAttribute('type', 'button');
  made.addEventListener('click', onClick);
  return made;
}
