import { act } from '@testing-library/react';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { island } from '../../src/panel/island';

test('taken away, it leaves nothing in the host’s element, nor a listener on it', async () => {
  const listening = jest.spyOn(HTMLElement.prototype, 'addEventListener');
  const Island = island(() => <button>inside</button>);
  const page = document.body.appendChild(document.createElement('div'));
  const host = createRoot(page);
  act(() => host.render(<Island />));
  await act(async () => {});
  const element = page.firstElementChild!;
  expect(element.textContent).toBe('inside');
  expect(element.querySelector('button')).not.toBeNull();
  act(() => host.unmount());
  await act(() => new Promise<void>((resolve) => setTimeout(resolve)));
  expect(element.childNodes).toHaveLength(0);
  expect(listening.mock.contexts.length).toBeGreaterThan(0);
  expect(listening.mock.contexts).not.toContain(element);
});
