import type { Installed } from '../host/installed';
import type { ModelFolder } from './modelFolder';
import type { FindL3State, ModelCardState, Watched, Writer } from '../state';

/** Tells the panel where the model comes from, and shows its card with what is installed. */
export class ModelNews {
  constructor(
    private readonly folder: ModelFolder,
    private readonly look: () => Installed,
    private readonly state: Watched<FindL3State>,
    private readonly writer: Writer<Pick<FindL3State, 'model' | 'modelCard' | 'installed'>>,
  ) {}

  /** Finds out which model there is, once. */
  async lookUp(): Promise<void> {
    if (this.state.get().model) return;
    const model = await this.folder.source();
    if (model) this.writer.set({ model });
  }

  async showCard(): Promise<void> {
    this.writer.set({ installed: this.look() });
    this.setCard({ phase: 'loading' });
    const [{ text, address }] = await Promise.all([this.folder.card(), this.lookUp()]);
    // Closed meanwhile.
    if (this.state.get().modelCard.phase !== 'loading') return;
    this.setCard(text === null ? { phase: 'missing', address } : { phase: 'open', text });
  }

  hideCard(): void {
    this.setCard({ phase: 'closed' });
  }

  private setCard(modelCard: ModelCardState): void {
    this.writer.set({ modelCard });
  }
}
