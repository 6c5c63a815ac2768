import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conjugateGradients } from '../../harness/numerics/conjugate-gradients.js';
import { gmres } from '../../harness/numerics/gmres.js';
import { type KernelFlux, stationaryOccupation } from '../../harness/numerics/stationary-flux.js';
import { Stream } from '../../harness/numerics/stream.js';

const floats = (...x: number[]) => Float64Array.from(x);
const ints = (...x: number[]) => Int32Array.from(x);
const STOP = { tolerance: 1e-12, basis: 30, restarts: 3 };

test('conjugate gradients: the documented values, and a scale to stop by', () => {
	const system = {
		size: 2,
		diagonal: floats(2, 4),
		multiply: (x: Float64Array, out: Float64Array) => out.set([2 * x[0]!, 4 * x[1]!]),
	};
	const stop = { tolerance: 1e-12, scale: null, steps: 9 };
	assert.equal(Array.from(conjugateGradients(system, floats(2, 8), stop)), [1, 2]);
	const small = conjugateGradients(system, floats(2e-20, 8e-20), { ...stop, scale: 1 });
	assert.equal(Array.from(small), [0, 0]);
});

test('generalised minimal residuals: the documented values, a rotation, and what cannot be reached', () => {
	const two = gmres((x) => floats(x[0]! + x[1]!, x[1]! - x[0]!), floats(3, 1), STOP)!;
	assert.ok(Math.abs(two[0]! - 1) < 1e-12 && Math.abs(two[1]! - 2) < 1e-12);
	const turn = (x: Float64Array) => x.map((_, i) => x[(i + 1) % x.length]!);
	const b = floats(1, 2, 3, 4, 5);
	const x = gmres(turn, b, STOP)!;
	for (const [i, value] of turn(x).entries()) assert.ok(Math.abs(value - b[i]!) < 1e-10);
	assert.is(gmres(turn, b, { ...STOP, basis: 2, restarts: 1 }), null);
	assert.is(
		gmres((y) => y.map(() => 0), b, STOP),
		null,
	);
	assert.equal(gmres(turn, floats(0, 0), STOP), floats(0, 0));
});

test('two nodes: the documented values', () => {
	const rho = stationaryOccupation({
		nodes: 2,
		low: ints(0),
		high: ints(1),
		forward: floats(1),
		backward: floats(3),
		reference: floats(1, 1),
	})!;
	assert.ok(Math.abs(rho[0]! - 1.5) < 1e-12 && Math.abs(rho[1]! - 0.5) < 1e-12);
});

/** A ring with chords, every flux random over `decades`. */
function randomFlux(S: number, decades: number, stream: Stream): KernelFlux {
	const low: number[] = [];
	const high: number[] = [];
	for (let f = 0; f < S; f++) {
		for (let g = f + 1; g < S; g++) {
			if (g === f + 1 || (f === 0 && g === S - 1) || stream.next() < 0.3) {
				low.push(f);
				high.push(g);
			}
		}
	}
	const size = low.map(() => 10 ** (-decades * stream.next()));
	return {
		nodes: S,
		low: ints(...low),
		high: ints(...high),
		forward: floats(...size.map((x) => x * Math.exp(stream.normal()))),
		backward: floats(...size.map((x) => x * Math.exp(stream.normal()))),
		reference: floats(...Array.from({ length: S }, () => stream.next() + 0.1)),
	};
}

/** Stationary state by Grassmann, Taksar and Heyman's elimination: no subtraction anywhere. */
function eliminate({ nodes, low, high, forward, backward }: KernelFlux): number[] {
	const rate = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0));
	for (const [e, a] of low.entries()) {
		rate[a]![high[e]!]! += forward[e]!;
		rate[high[e]!]![a]! += backward[e]!;
	}
	const out = new Array<number>(nodes).fill(0);
	for (let k = nodes - 1; k > 0; k--) {
		for (let j = 0; j < k; j++) out[k]! += rate[k]![j]!;
		for (let i = 0; i < k; i++) {
			for (let j = 0; j < k; j++) rate[i]![j]! += (rate[i]![k]! * rate[k]![j]!) / out[k]!;
		}
	}
	const rho = [1];
	for (let k = 1; k < nodes; k++) {
		rho.push(rho.reduce((sum, x, i) => sum + x * rate[i]![k]!, 0) / out[k]!);
	}
	return rho;
}

test('agrees with elimination, over eight decades of rates', () => {
	for (const [i, decades] of [0, 2, 8].entries()) {
		const flux = randomFlux(12, decades, new Stream([i, 3], 0));
		const rho = stationaryOccupation(flux)!;
		const slow = eliminate(flux);
		const total = flux.reference.reduce((sum, x) => sum + x, 0);
		const norm = slow.reduce((sum, x, f) => sum + x * flux.reference[f]!, 0);
		for (const [f, x] of rho.entries()) {
			const expected = (slow[f]! * total) / norm;
			assert.ok(Math.abs(x - expected) <= 1e-5 * expected, `${decades}: ${x} is not ${expected}`);
		}
	}
});

test('scaling every flux by 1e-8 changes nothing', () => {
	const flux = randomFlux(8, 1, new Stream([4, 3], 0));
	const tiny = {
		...flux,
		forward: flux.forward.map((x) => x * 1e-8),
		backward: flux.backward.map((x) => x * 1e-8),
	};
	const [a, b] = [stationaryOccupation(flux)!, stationaryOccupation(tiny)!];
	for (const [f, x] of a.entries()) assert.ok(Math.abs(x - b[f]!) < 1e-8 * x);
});

test('a kernel that is not strongly connected has no positive stationary state', () => {
	const trap = {
		nodes: 3,
		low: ints(0, 1),
		high: ints(1, 2),
		forward: floats(1, 1),
		backward: floats(1, 0),
		reference: floats(1, 1, 1),
	};
	assert.is(stationaryOccupation(trap), null);
});

test.run();
