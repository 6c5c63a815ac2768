/** Makes the report on demand: one at a time, and again only where the data are others. */
export class ReportShelf {
	readonly #make: () => Promise<string>;
	readonly #stamp: () => string;
	#made: { readonly stamp: string; readonly page: string } | null = null;
	#making: Promise<string> | null = null;

	/**
	 * @param make makes it from the data there are
	 * @param stamp changes with the data
	 */
	constructor(make: () => Promise<string>, stamp: () => string) {
		this.#make = make;
		this.#stamp = stamp;
	}

	/** The report; whoever asks while it is being made gets that one. */
	get(): Promise<string> {
		const stamp = this.#stamp();
		if (this.#made?.stamp === stamp) return Promise.resolve(this.#made.page);
		this.#making ??= this.#make()
			.then((page) => {
				this.#made = { stamp, page };
				return page;
			})
			.finally(() => {
				this.#making = null;
			});
		return this.#making;
	}
}
