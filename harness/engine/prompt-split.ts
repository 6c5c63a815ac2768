/** Other ways to cut a prompt into evaluations than the one of SlotScheduler, on top of it. */
import type { PromptSplit, TokenPath } from './engine.js';
import type { SlotBackend } from './slots.js';

/** The paths as the scheduler must see them for a prompt to be cut so. */
export function asSplit(paths: readonly TokenPath[], split: PromptSplit): readonly TokenPath[] {
	if (split !== 'whole') return paths;
	return paths.map(({ head, rest, completion }) => ({
		head: [],
		rest: [...head, ...rest],
		completion,
	}));
}

/** A backend that evaluates a part of a prompt token by token where `split` says so. */
export function splitting(backend: SlotBackend, split: PromptSplit): SlotBackend {
	if (split !== 'tokens') return backend;
	return {
		width: backend.width,
		cut: (slot, tokens) => backend.cut(slot, tokens),
		decode: (tokens, wanted) => backend.decode(tokens, wanted),
		async prompt(slot, tokens, wanted) {
			for (const token of tokens.slice(0, -1)) await backend.prompt(slot, [token], false);
			return backend.prompt(slot, tokens.slice(-1), wanted);
		},
	};
}
