export type SqlValue = number | string | null | Uint8Array;

/** What is needed of the library's statement. */
interface Statement {
	run(parameters: readonly SqlValue[]): { readonly changes: number };
	get(parameters: readonly SqlValue[]): unknown;
	all(parameters: readonly SqlValue[]): unknown[];
}

/** A prepared statement. Parameters are positional; every failure names the file. */
export class Query<Row> {
	readonly #statement: Statement;
	readonly #rethrow: (error: unknown) => never;

	constructor(statement: Statement, rethrow: (error: unknown) => never) {
		this.#statement = statement;
		this.#rethrow = rethrow;
	}

	/** Rows changed. */
	run(parameters: readonly SqlValue[]): number {
		checkValues(parameters);
		try {
			return this.#statement.run(parameters).changes;
		} catch (error) {
			return this.#rethrow(error);
		}
	}

	get(parameters: readonly SqlValue[]): Row | undefined {
		checkValues(parameters);
		try {
			return this.#statement.get(parameters) as Row | undefined;
		} catch (error) {
			return this.#rethrow(error);
		}
	}

	all(parameters: readonly SqlValue[]): Row[] {
		checkValues(parameters);
		try {
			return this.#statement.all(parameters) as Row[];
		} catch (error) {
			return this.#rethrow(error);
		}
	}
}

/** better-sqlite3 would bind NaN and undefined as NULL without a word. */
function checkValues(parameters: readonly SqlValue[]): void {
	for (const value of parameters)
		if (value === undefined || (typeof value === 'number' && !Number.isFinite(value)))
			throw new TypeError(`${value} cannot be stored: absence is null, a number is finite`);
}
