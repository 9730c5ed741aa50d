/** A file that contains a UID contains it in its header, so many bytes from its start. */
const HEADER_BYTES = 64 * 1024;

/** What a person has given the viewer from this computer; unread until it is asked for. */
interface Given {
  files(): Promise<readonly File[]>;
}

/**
 * The files of this computer that a person has dropped on the page or chosen there. The host knows them
 * by numbers of its own and does not hand them out.
 */
export class LocalFiles {
  private static readonly all = new WeakMap<object, LocalFiles>();
  private readonly given: Given[] = [];

  /** The one of a viewer, made when it is first asked for. */
  static of(viewer: object): LocalFiles {
    const files = this.all.get(viewer) ?? new LocalFiles();
    this.all.set(viewer, files);
    return files;
  }

  listen(): void {
    window.addEventListener('drop', this.dropped, { capture: true });
    window.addEventListener('change', this.chosen, { capture: true });
  }

  /** The newest file that holds a text of one byte a character in its header; null where none does. */
  async holding(text: string): Promise<File | null> {
    for (const one of [...this.given].reverse()) {
      for (const file of await one.files()) {
        const header = new TextDecoder('latin1').decode(
          await file
            .slice(0, HEADER_BYTES)
            .arrayBuffer()
            .catch(() => new ArrayBuffer()),
        );
        if (header.includes(text)) return file;
      }
    }
    return null;
  }

  private readonly dropped = ({ dataTransfer }: DragEvent): void => {
    const items = [...(dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file');
    // What is dropped can be asked for its entries only now.
    const entries = items.flatMap((item) => item.webkitGetAsEntry?.() ?? []);
    if (entries.length > 0) this.given.push({ files: () => filesIn(entries) });
    else this.keep(dataTransfer?.files);
  };

  private readonly chosen = ({ target }: Event): void => {
    if (target instanceof HTMLInputElement && target.type === 'file') this.keep(target.files);
  };

  private keep(list: FileList | null | undefined): void {
    const files = [...(list ?? [])];
    if (files.length > 0) this.given.push({ files: () => Promise.resolve(files) });
  }
}

async function filesIn(entries: readonly FileSystemEntry[]): Promise<readonly File[]> {
  const all = await Promise.all(entries.map((entry) => filesOf(entry).catch(() => [])));
  return all.flat();
}

async function filesOf(entry: FileSystemEntry): Promise<readonly File[]> {
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      ),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // A folder is told in pieces; an empty one is the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return filesIn(all);
    all.push(...some);
  }
}
