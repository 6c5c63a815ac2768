/** Rows that are written as they come, so that their number is no limit. */
export interface OutputTable {
	readonly columns: readonly OutputColumn[];
	readonly rows: Iterable<readonly (string | number | null)[]>;
}

export interface OutputColumn {
	readonly name: string;
	/** whole: integers up to 2^53 */
	readonly type: 'text' | 'whole' | 'real';
	readonly nullable: boolean;
}

/** Lets Ctrl-C have its turn. */
export type Turn = () => Promise<void>;

/** Rows between two turns of others. */
export const TURN = 20_000;
