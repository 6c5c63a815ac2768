import { type LawNode, weightOf } from './law-node.js';

/** Share of the limit that a clearing leaves: what it costs is paid by the other quarter. */
const REST = 0.75;

/** A tree in the account. */
interface Entered {
	/** Bytes that it takes beyond its nodes. */
	readonly extra: number;
	readonly gone: () => void;
}

/**
 * Keeps account of what the trees of a model weigh together and, above a limit, lets the least used
 * nodes go, each with its law. A node goes after all that is below it, so what is kept is always a
 * tree; ends of completions, which cost no evaluation, are never drawn from and go first. Earlier
 * uses count half after each clearing. What was let go of is evaluated once more if it is drawn from
 * again, to the same bits: the limit decides what a run costs and never what it finds.
 */
export class LawMemory {
	readonly #trees = new Map<LawNode, Entered>();
	/** Weight above which nodes are let go next. */
	#due: number;
	#used = 0;
	#peak = 0;
	#dropped = 0;

	/** @param limit bytes above which nodes are let go; Infinity for never */
	constructor(readonly limit: number) {
		this.#due = limit;
	}

	/** Bytes that all trees weigh now. */
	get used(): number {
		return this.#used;
	}

	/** The most that they ever weighed, bytes. */
	get peak(): number {
		return this.#peak;
	}

	/** Laws let go so far. */
	get dropped(): number {
		return this.#dropped;
	}

	/**
	 * Takes a tree into the account.
	 * @param extra bytes that it takes beyond its nodes
	 * @param gone called when the root itself, the last node, was let go
	 */
	enter(root: LawNode, extra: number, gone: () => void): void {
		this.#trees.set(root, { extra, gone });
		this.#add(extra);
		this.weigh(root);
	}

	/** Takes a tree that is done with out of the account; one that is not in it is passed over. */
	leave(root: LawNode): void {
		const entered = this.#trees.get(root);
		if (!entered) return;
		this.#trees.delete(root);
		for (const { bytes } of nodesOf([root])) this.#add(-bytes);
		this.#add(-entered.extra);
	}

	/** To be called when a node was made or has changed. */
	weigh(node: LawNode): void {
		const bytes = weightOf(node);
		this.#add(bytes - node.bytes);
		node.bytes = bytes;
	}

	/** Lets the least used nodes go where all weigh too much; those that are held stay. */
	settle(): void {
		if (this.#used <= this.#due) return;
		const nodes = nodesOf(this.#trees.keys());
		nodes.sort((a, b) => a.uses - b.uses || b.depth - a.depth);
		for (const node of nodes) {
			if (this.#used <= REST * this.limit) break;
			if (node.held === 0 && !node.children?.size) this.#drop(node);
		}
		for (const node of nodes) node.uses = Math.floor(node.uses / 2);
		// Where what is held weighs more than the limit, looking again at once would find nothing.
		this.#due = Math.max(this.limit, this.#used / REST);
	}

	#drop(node: LawNode): void {
		this.#add(-node.bytes);
		if (node.shapes !== null) this.#dropped += 1;
		if (node.parent !== null) {
			node.parent.children?.delete(node.token);
			return;
		}
		const entered = this.#trees.get(node);
		this.#trees.delete(node);
		this.#add(-(entered?.extra ?? 0));
		entered?.gone();
	}

	#add(bytes: number): void {
		this.#used += bytes;
		if (this.#used > this.#peak) this.#peak = this.#used;
	}
}

/** Nodes that must stay, until others are held in their place. */
export class Hold {
	#nodes: readonly LawNode[] = [];

	/** Holds these and no longer those before. */
	on(nodes: readonly LawNode[]): void {
		for (const node of nodes) node.held += 1;
		for (const node of this.#nodes) node.held -= 1;
		this.#nodes = nodes;
	}
}

/** All nodes of trees, each after the one above it. */
function nodesOf(roots: Iterable<LawNode>): LawNode[] {
	const nodes = [...roots];
	for (let at = 0; at < nodes.length; at++) {
		const { children } = nodes[at] as LawNode;
		if (children !== null) for (const child of children.values()) nodes.push(child);
	}
	return nodes;
}
