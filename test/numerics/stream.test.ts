import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Stream } from '../../harness/numerics/stream.js';

test('the documented digits, again and again', () => {
	assert.is(new Stream([7, 1], 0).next(), 0.3506279808932371);
	const take = (key: number[], id: number) => {
		const stream = new Stream(key, id);
		return Array.from({ length: 5 }, () => stream.next());
	};
	assert.equal(take([7, 1], 0), take([7, 1], 0));
	for (const [key, id] of [
		[[8, 1], 0],
		[[7, 2], 0],
		[[7, 1], 1],
	] as const) {
		assert.not.equal(take([...key], id), take([7, 1], 0));
	}
});

test('below is even and refuses what is no size', () => {
	const stream = new Stream([1, 1], 0);
	const hits = new Float64Array(6);
	for (let i = 0; i < 60000; i++) hits[stream.below(6)]! += 1;
	const chi2 = hits.reduce((sum, n) => sum + (n - 10000) ** 2 / 10000, 0);
	assert.ok(chi2 < 20.5, `χ²(5) = ${chi2}, 99.9 % lies below 20.5`);
	assert.ok(stream.below(2 ** 53) < 2 ** 53);
	for (const n of [0, -1, 1.5, Number.NaN, 2 ** 54]) assert.throws(() => stream.below(n), /got/);
});

test('normal has the right moments', () => {
	const stream = new Stream([1, 2], 0);
	const x = Array.from({ length: 40000 }, () => stream.normal());
	const moment = (k: number) => x.reduce((sum, v) => sum + v ** k, 0) / x.length;
	assert.ok(Math.abs(moment(1)) < 0.02);
	assert.ok(Math.abs(moment(2) - 1) < 0.03);
	assert.ok(Math.abs(moment(4) - 3) < 0.2);
});

test.run();
