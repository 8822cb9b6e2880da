/** A list that is read page by page, each asked for when it is needed: `for await (const item of list)`. */
export class PagedList<Item, Page extends { readonly items: readonly Item[] }> implements AsyncIterable<Item> {
  readonly #pages: () => AsyncGenerator<Page>;

  constructor(pages: () => AsyncGenerator<Page>) {
    this.#pages = pages;
  }

  /** The same, a page at a time. */
  pages(): AsyncGenerator<Page> {
    return this.#pages();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for await (const { items } of this.#pages()) yield* items;
  }
}

/** Walks a list whose pages name the next one; `first` undefined: from the beginning. */
export async function* walk<Cursor, Page extends { readonly next: Cursor | null }>(
  first: Cursor | undefined,
  read: (cursor: Cursor | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  for (let cursor: Cursor | null | undefined = first; cursor !== null; ) {
    const page: Page = await read(cursor);
    yield page;
    cursor = page.next;
  }
}
