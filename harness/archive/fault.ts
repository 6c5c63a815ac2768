/** What is wrong with an archive, and where. */
export interface Fault {
	readonly part: 'zip' | 'bag' | 'crate' | 'database' | 'experiment';
	/** path in the archive, or '' for all of it */
	readonly place: string;
	readonly message: string;
}

/** More of one part are only counted: a bad file can have millions. */
const MOST = 50;

export class FaultList {
	readonly #faults: Fault[] = [];
	readonly #counts = new Map<Fault['part'], number>();

	add(part: Fault['part'], place: string, message: string): void {
		const count = (this.#counts.get(part) ?? 0) + 1;
		this.#counts.set(part, count);
		if (count <= MOST) this.#faults.push({ part, place, message });
	}

	get some(): boolean {
		return this.#faults.length > 0;
	}

	all(): Fault[] {
		const rest = [...this.#counts].filter(([, count]) => count > MOST);
		return [
			...this.#faults,
			...rest.map(([part, count]) => ({
				part,
				place: '',
				message: `and ${count - MOST} more`,
			})),
		];
	}
}
