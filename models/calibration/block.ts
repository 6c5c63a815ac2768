/**
 * One transformer block by construction. Feature i of the residual stream is a pair of dimensions
 * (2i: +x, 2i + 1: −x), so every mean is 0 and layer norm and RMS norm see the same thing.
 *
 *   token        embeds as                    attention adds            then the logits are
 *   plain text   template, template'          32 × copied(f)            log T(· | f)
 *   state g      own(g), word                 copies, here ignored      the end token
 *   OTHER        stone, word                  copies, here ignored      the end token
 *
 * f is the state in the prompt: head 0 scores state tokens 90 above all others, evenly. Head 1 and
 * the feed-forward part add small pseudo-random amounts that the read-out takes into account, so
 * that a wrong norm, bias or activation would show in the logits.
 */
import { type Architecture, SIZE } from './architectures.js';
import { type Attention, attention, scaleOf } from './attention.js';
import { dyadic } from './dyadic.js';
import { positions } from './features.js';
import { type Linear, type Norm, small, smallNorm } from './linear.js';

const D = SIZE.embedding;

export interface Block extends Attention {
	/** Added to the embedding at each position, or null. */
	readonly positions: Float32Array | null;
	readonly attentionNorm: Norm;
	readonly hiddenNorm: Norm;
	readonly gate: Linear | null;
	readonly up: Linear;
	readonly down: Linear;
	readonly outputNorm: Norm;
}

export function constructBlock(architecture: Architecture): Block {
	const { norm, activation, learnedPositions } = architecture;
	const attentionNorm = attentionNormOf(architecture);
	const biased = norm === 'layer';
	return {
		positions: learnedPositions ? positions() : null,
		attentionNorm,
		...attention(architecture, attentionNorm),
		hiddenNorm: smallNorm('hidden-norm', biased),
		gate: activation === 'silu' ? small('gate', SIZE.hidden, D, biased) : null,
		up: small('up', SIZE.hidden, D, biased),
		down: small('down', D, SIZE.hidden, biased),
		outputNorm: smallNorm('output-norm', biased),
	};
}

function attentionNormOf({ norm, epsilon, learnedPositions }: Architecture): Norm {
	const meanSquare = learnedPositions ? 1 + (2 * 25) / D : 1;
	// Brings embedded features back to ± 4 to within 1e-7, so that keys and values are exact in f16.
	const gain = Math.sqrt(meanSquare + epsilon);
	return {
		weight: Float32Array.from({ length: D }, (_, i) => gain * scaleOf(i)),
		bias:
			norm === 'layer'
				? Float32Array.from({ length: D }, (_, i) => dyadic('attention-norm-bias', i, 0, 8) / 8)
				: null,
	};
}
