import type { Token } from '../engine/engine.js';
import type { StateRange } from '../experiment/tasks/prospects.js';

/** Completions that begin with `path` and were not followed further. */
export interface Beginning {
	readonly path: readonly Token[];
	readonly logMass: number;
	/** exp(logMass); below `LEAST_MASS` that, so that nothing counts as impossible that is not. */
	readonly mass: number;
	/** Likeliest tokens after the path that are entries of their own already; 0: none. */
	readonly rank: number;
	/** States it may still become; null where that is not asked (open set). */
	readonly prospects: readonly StateRange[] | null;
}

/** Below this a mass is counted as this: numbers much smaller are no longer told from 0. */
const LEAST_MASS = 1e-300;

export function massOf(logMass: number): number {
	return Math.max(Math.exp(logMass), LEAST_MASS);
}

/** The beginnings not followed yet, at most so many; the least of them are let go, their mass is not. */
export class Frontier {
	#entries: Beginning[] = [];
	readonly #most: number;
	/** Mass let go of: in all, and by state that it might have become. */
	#dropped = 0;
	readonly #droppedOf: Float64Array;

	constructor(states: number, most: number) {
		this.#droppedOf = new Float64Array(states);
		this.#most = most;
	}

	get size(): number {
		return this.#entries.length;
	}

	push(entry: Beginning): void {
		this.#entries.push(entry);
		if (this.#entries.length > this.#most) this.#trim();
	}

	/** All mass not followed. */
	mass(): number {
		return this.#entries.reduce((sum, { mass }) => sum + mass, this.#dropped);
	}

	/** Mass not followed that may still become each state. */
	massOfStates(): Float64Array {
		const mass = this.#droppedOf.slice();
		const byProspects = new Map<Beginning['prospects'], number>();
		for (const { prospects, mass: own } of this.#entries)
			byProspects.set(prospects, (byProspects.get(prospects) ?? 0) + own);
		for (const [prospects, own] of byProspects) addMass(mass, prospects, own);
		return mass;
	}

	/**
	 * Takes out the entries of the highest scores above 0, at most `count`, the heavier first on ties; none
	 * that scores far below the best, because what follows the best may make it needless.
	 * @returns in order of their paths, so that neighbours share most of their evaluation
	 */
	take(count: number, score: (entry: Beginning) => number): Beginning[] {
		let best: Scored[] = [];
		if (count < 1) return [];
		for (const [place, entry] of this.#entries.entries()) {
			const scored = { entry, place, score: score(entry) };
			if (scored.score <= 0) continue;
			if (best.length === count && !goesBefore(scored, best[count - 1] as Scored)) continue;
			let at = best.length;
			while (at > 0 && goesBefore(scored, best[at - 1] as Scored)) at--;
			best.splice(at, 0, scored);
			if (best.length > count) best.pop();
		}
		const finest = best.find(({ score: own }) => own < Infinity)?.score ?? 0;
		best = best.filter(({ score: own }) => own >= FAR_BELOW * finest);
		for (const { place } of best.toSorted((a, b) => b.place - a.place)) this.#remove(place);
		return best.map(({ entry }) => entry).sort(order);
	}

	/** The order of entries means nothing: the last one takes the place. */
	#remove(place: number): void {
		const last = this.#entries.pop() as Beginning;
		if (place < this.#entries.length) this.#entries[place] = last;
	}

	#trim(): void {
		this.#entries.sort((a, b) => b.logMass - a.logMass || order(a, b));
		const kept = Math.floor(this.#most / 2);
		for (const entry of this.#entries.splice(kept)) {
			this.#dropped += entry.mass;
			addMass(this.#droppedOf, entry.prospects, entry.mass);
		}
	}
}

function addMass(mass: Float64Array, prospects: Beginning['prospects'], own: number): void {
	for (const { from, to } of prospects ?? [])
		for (let state = from; state < to; state++) mass[state] = (mass[state] as number) + own;
}

/** Share of the best score that is far below it. */
const FAR_BELOW = 1 / 8;

interface Scored {
	readonly entry: Beginning;
	readonly place: number;
	readonly score: number;
}

function goesBefore(a: Scored, b: Scored): boolean {
	if (a.score !== b.score) return a.score > b.score;
	if (a.entry.logMass !== b.entry.logMass) return a.entry.logMass > b.entry.logMass;
	return order(a.entry, b.entry) < 0;
}

/** By path, then rank: no two entries are equal in it. */
function order(a: Beginning, b: Beginning): number {
	const end = Math.min(a.path.length, b.path.length);
	for (let i = 0; i < end; i++) {
		const difference = (a.path[i] as number) - (b.path[i] as number);
		if (difference !== 0) return difference;
	}
	return a.path.length - b.path.length || a.rank - b.rank;
}
