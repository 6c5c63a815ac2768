/** Laplacian systems of sparse graphs: nodes with one or two neighbours are eliminated exactly. */
import { gather } from './gather.js';
import { type Edges, solveLaplacian } from './graph-laplacian.js';

/**
 * A graph prepared for many solutions with different weights. Working edges are those of the graph
 * and those that elimination makes; step i takes node[i] out.
 */
export interface Elimination {
	readonly nodes: number;
	readonly edges: number;
	readonly node: Int32Array;
	/** its edges, and the nodes they lead to; the second edge is −1 where there is one only */
	readonly first: Int32Array;
	readonly left: Int32Array;
	readonly second: Int32Array;
	readonly right: Int32Array;
	/** working edge that joins left and right from then on, or −1 */
	readonly made: Int32Array;
	/** what is left, renumbered: every node has three edges or more, or there is only one node */
	readonly core: Edges;
	/** original number of each node, and working edge of each edge, of the core */
	readonly coreNode: Int32Array;
	readonly coreEdge: Int32Array;
}

/**
 * Finds the nodes to eliminate: those with at most two edges, until none is left.
 *
 * @param graph connected, no edge from a node to itself; two nodes may share several edges
 * @returns see `Elimination`
 */
export function eliminateLowDegrees(graph: Edges): Elimination {
	const links = new Links(graph);
	const S = graph.nodes;
	const [node, first, left, second, right, made] = Array.from(
		{ length: 6 },
		() => new Int32Array(S),
	);
	let size = 0;
	const open: number[] = [];
	for (let f = graph.nodes - 1; f >= 0; f--) if (links.degree[f]! <= 2) open.push(f);
	for (let f = open.pop(); f !== undefined; f = open.pop()) {
		if (links.gone[f] === 1 || links.degree[f] === 0) continue;
		const [e, e2 = -1] = links.remove(f);
		const g = links.other(e!, f);
		const h = e2 === -1 ? -1 : links.other(e2, f);
		node![size] = f;
		first![size] = e!;
		left![size] = g;
		second![size] = e2;
		right![size] = h;
		made![size] = h === -1 || h === g ? -1 : links.join(g, h);
		size += 1;
		if (links.degree[g]! <= 2) open.push(g);
		if (h !== -1 && links.degree[h]! <= 2) open.push(h);
	}
	return {
		nodes: S,
		edges: links.edges,
		node: node!.subarray(0, size),
		first: first!.subarray(0, size),
		left: left!.subarray(0, size),
		second: second!.subarray(0, size),
		right: right!.subarray(0, size),
		made: made!.subarray(0, size),
		...links.core(),
	};
}

/** Edges of a shrinking graph, found from either end. Half-edge 2e + s is edge e at its end s. */
class Links {
	readonly degree: Int32Array;
	readonly gone: Uint8Array;
	readonly #end: Int32Array;
	readonly #next: Int32Array;
	readonly #head: Int32Array;
	readonly #cut: Uint8Array;
	edges = 0;

	constructor({ nodes, low, high }: Edges) {
		// Every node makes one edge at most.
		const most = low.length + nodes;
		this.degree = new Int32Array(nodes);
		this.gone = new Uint8Array(nodes);
		this.#end = new Int32Array(2 * most);
		this.#next = new Int32Array(2 * most);
		this.#head = new Int32Array(nodes).fill(-1);
		this.#cut = new Uint8Array(most);
		for (let e = 0; e < low.length; e++) this.join(low[e]!, high[e]!);
	}

	join(f: number, g: number): number {
		const e = this.edges++;
		this.#hang(2 * e, f);
		this.#hang(2 * e + 1, g);
		return e;
	}

	#hang(half: number, f: number): void {
		this.#end[half] = f;
		this.#next[half] = this.#head[f]!;
		this.#head[f] = half;
		this.degree[f]! += 1;
	}

	other(e: number, f: number): number {
		return this.#end[2 * e] === f ? this.#end[2 * e + 1]! : this.#end[2 * e]!;
	}

	/** Takes a node out; returns the edges it had. */
	remove(f: number): number[] {
		const found: number[] = [];
		for (let half = this.#head[f]!; half !== -1; half = this.#next[half]!) {
			const e = half >> 1;
			if (this.#cut[e] === 1) continue;
			found.push(e);
			this.#cut[e] = 1;
			this.degree[this.other(e, f)]! -= 1;
		}
		this.degree[f] = 0;
		this.gone[f] = 1;
		return found;
	}

	core(): Pick<Elimination, 'core' | 'coreNode' | 'coreEdge'> {
		const number = new Int32Array(this.gone.length);
		const coreNode = zeros(this.gone, this.gone.length);
		for (let k = 0; k < coreNode.length; k++) number[coreNode[k]!] = k;
		const coreEdge = zeros(this.#cut, this.edges);
		const low = coreEdge.map((e) => number[this.#end[2 * e]!]!);
		const high = coreEdge.map((e) => number[this.#end[2 * e + 1]!]!);
		return { coreNode, coreEdge, core: { nodes: coreNode.length, low, high } };
	}
}

/** Places below `end` at which a mark is 0. */
function zeros(marks: Uint8Array, end: number): Int32Array {
	const found = new Int32Array(end);
	let size = 0;
	for (let i = 0; i < end; i++) if (marks[i] === 0) found[size++] = i;
	return found.slice(0, size);
}

/**
 * Solves L x = b as `solveLaplacian` does, with the eliminated nodes solved exactly and conjugate
 * gradients for the core.
 *
 * @param elimination of the graph
 * @param weight one positive number per edge of the graph
 * @param b length S, with sum 0 (up to rounding)
 * @param tolerance of the conjugate gradients in the core
 * @returns x with x[0] = 0, length S
 * Source: partial Cholesky factorisation of degree-one and degree-two nodes: Spielman, Teng, SIAM J.
 *   Matrix Anal. Appl. 35, 835 (2014).
 *
 * @example a path of three nodes, weights [1, 2], b [1, 0, -1], any tolerance // [0, -1, -1.5]
 */
export function solveEliminated(
	elimination: Elimination,
	weight: Float64Array,
	b: Float64Array,
	tolerance: number,
): Float64Array {
	const { node, first, left, second, right, made, core, coreNode, coreEdge } = elimination;
	const w = new Float64Array(elimination.edges);
	w.set(weight);
	const r = b.slice();
	for (let i = 0; i < node.length; i++) {
		const rest = r[node[i]!]!;
		if (second[i] === -1) r[left[i]!]! += rest;
		else {
			const one = w[first[i]!]!;
			const two = w[second[i]!]!;
			const both = one + two;
			r[left[i]!]! += rest * (one / both);
			r[right[i]!]! += rest * (two / both);
			if (made[i] !== -1) w[made[i]!] = (one / both) * two;
		}
	}
	const x = new Float64Array(elimination.nodes);
	if (core.nodes > 1) {
		const solved = solveLaplacian(core, gather(w, coreEdge), gather(r, coreNode), tolerance);
		for (let k = 0; k < coreNode.length; k++) x[coreNode[k]!] = solved[k]!;
	}
	for (let i = node.length - 1; i >= 0; i--) {
		const one = w[first[i]!]!;
		if (second[i] === -1) x[node[i]!] = x[left[i]!]! + r[node[i]!]! / one;
		else {
			const two = w[second[i]!]!;
			x[node[i]!] = (r[node[i]!]! + one * x[left[i]!]! + two * x[right[i]!]!) / (one + two);
		}
	}
	const gauge = x[0]!;
	return x.map((value) => value - gauge);
}
