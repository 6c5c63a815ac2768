import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openSyntheticEngine } from '../../harness/engine/synthetic.js';
import { contract } from './contract.js';

const words = ['OAK', 'ELM', 'ASH', 'OTHER'];
const logKernel = [
	[0.2, 0.5, 0.2, 0.1],
	[0.3, 0.3, 0.3, 0.1],
	[0.6, 0, 0.3, 0.1],
].map((row) => row.map(Math.log));

contract('synthetic engine', async () => ({
	engine: openSyntheticEngine({ words, logKernel }),
	words,
	logKernel,
	tolerance: 1e-6,
}));

test('a row of the wrong length is refused', () => {
	assert.throws(
		() => openSyntheticEngine({ words, logKernel: [[0, 0]] }),
		/row 0 has 2 entries for 4 words/,
	);
});

test('another kernel has another identity', () => {
	const a = openSyntheticEngine({ words, logKernel });
	const b = openSyntheticEngine({ words, logKernel: logKernel.slice(1) });
	assert.is.not(a.identity.modelSha256, b.identity.modelSha256);
});

test.run();
