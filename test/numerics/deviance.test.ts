import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binomialDeviance } from '../../harness/numerics/binomial-deviance.js';
import { logGamma } from '../../harness/numerics/gamma.js';
import { poissonDeviance, spreadDeviance } from '../../harness/numerics/poisson-deviance.js';

const term = (x: number): number => (x > 0 ? x * Math.log(x) : 0);

function poissonSum(mean: number): number {
	let sum = 0;
	for (let x = 0; x < mean + 15 * Math.sqrt(mean) + 40; x++) {
		sum += Math.exp(x * Math.log(mean) - mean - logGamma(x + 1)) * 2 * term(x);
	}
	return sum - 2 * term(mean);
}

const near = (x: number, y: number, tolerance: number): void =>
	assert.ok(Math.abs(x - y) <= tolerance, `${x} is not ${y}`);

test('a Poisson cell: the sum over X, on the grid, between its points and off both ends', () => {
	near(poissonDeviance(0), 1.146805618, 1e-9);
	for (const l of [-14.5, -13.97, -9.123, -3.3, -0.7, 0.01, 1.7, 3.14, 5.77, 5.9, 6.3]) {
		near(poissonDeviance(l), poissonSum(Math.exp(l)), 3e-6);
	}
	near(poissonDeviance(-30) / (60 * Math.exp(-30)), 1, 1e-9);
	near(poissonDeviance(30), 1, 1e-12);
});

test('a spread of means: none is the cell itself, some is the average over it', () => {
	for (const l of [-4, 0, 3]) near(spreadDeviance(l, 0), poissonDeviance(l), 1e-12);
	let sum = 0;
	for (let i = 0; i < 4000; i++) {
		const z = -8 + (16 * (i + 0.5)) / 4000;
		const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
		sum += (16 / 4000) * density * poissonSum(Math.exp(-1 + 0.8 * z - 0.32));
	}
	near(spreadDeviance(-1, 0.8), sum, 1e-5);
});

/** E[2 X log X + 2 (n − X) log (n − X)] of a binomial X. */
function binomialSum(n: number, p: number): number {
	let sum = 0;
	for (let x = 0; x <= n; x++) {
		const choose = logGamma(n + 1) - logGamma(x + 1) - logGamma(n - x + 1);
		const chance = Math.exp(choose + x * Math.log(p) + (n - x) * Math.log1p(-p));
		sum += 2 * chance * (term(x) + term(n - x));
	}
	return sum;
}

test('a pair: the sum over X, its response the curvature of that sum', () => {
	const { mean, response } = binomialDeviance(2, 1 / 2);
	near(mean, 2 * Math.log(2), 1e-15);
	near(response, Math.log(2), 1e-15);
	for (const [n, p] of [
		[3, 0.2],
		[7, 0.5],
		[40, 0.93],
		[200, 0.04],
	] as const) {
		const found = binomialDeviance(n, p);
		const own = 2 * (term(n) + n * (term(p) + term(1 - p)));
		near(found.mean, binomialSum(n, p) - own, 1e-9);
		const h = 1e-3 * Math.min(p, 1 - p);
		const second =
			(binomialSum(n, p + h) - 2 * binomialSum(n, p) + binomialSum(n, p - h)) / (h * h);
		near(found.response, (second * p * (1 - p)) / (2 * n), 1e-5);
	}
});

test('a pair seen once has no response; large counts have 1, and the expansion meets the sum', () => {
	for (const p of [0.01, 0.5, 0.8]) {
		assert.is(binomialDeviance(1, p).response, 0);
		near(binomialDeviance(1, p).mean, -2 * (term(p) + term(1 - p)), 1e-14);
	}
	for (const p of [0.31, 0.5]) {
		near(
			binomialDeviance(100, p).mean,
			binomialSum(100, p) - 2 * (term(100) + 100 * (term(p) + term(1 - p))),
			1e-3,
		);
	}
	near(binomialDeviance(1e9, 0.3).mean, 1, 1e-8);
	assert.is(binomialDeviance(1e9, 0.3).response, 1);
	near(binomialDeviance(1e9, 1e-12).mean, poissonDeviance(Math.log(1e-3)), 1e-6);
});

test.run();
