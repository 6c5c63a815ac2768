/** Parts of the page that others give: plain text and numbers, which the page renders. */
export interface PageSection {
	/** letters, digits and hyphens; unlike every other */
	readonly id: string;
	readonly title: string;
	readonly paragraphs: readonly string[];
	readonly tables: readonly PageTable[];
}

export interface PageColumn {
	readonly title: string;
	readonly align: 'left' | 'right';
	readonly unit?: string;
}

export interface PageTable {
	readonly title: string;
	readonly columns: readonly PageColumn[];
	/** null is "not known" and sorts last */
	readonly rows: readonly (readonly (string | number | null)[])[];
	/** what was left out, or how to read it */
	readonly note?: string;
}
