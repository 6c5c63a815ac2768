/**
 * Upper bound of the chance that permutations of the outcomes within each source give a G² as large: what
 * no number of permutations could resolve.
 *
 * With p̄ the pooled law of a source, G²/2 = n₁ D(p̂‖p̄) + n₂ D(q̂‖p̄). Given the pooled counts, p̂ is drawn without
 * replacement, so that E exp(λ n₁ D) is at most that of a multinomial number (Hoeffding), which is at most
 * (1 − λ)^(1−C) for C outcomes (Agrawal); with Cauchy and Schwarz for the two kernels and the product over
 * sources, E exp(s G²/4) ≤ (1 − s)^(−ν). Markov's inequality at the best s gives, for G²/4 > ν,
 * P ≤ exp(ν − G²/4) (G²/4ν)^ν.
 *
 * @param statistic G² ≥ 0, summed over sources
 * @param freedom ν = Σ (C − 1) ≥ 0
 * @returns a number in (0, 1]; 1 where nothing can be said
 * Source: Agrawal, IEEE Trans. Inf. Theory 66, 6297 (2020), the bound of the moment generating function;
 *   Hoeffding, J. Am. Stat. Assoc. 58, 13 (1963), theorem 4, whose proof holds for vectors.
 *
 * @example tailBound(100, 1) // exp(−24) · 25 = 9.43783861e-10
 */
export function tailBound(statistic: number, freedom: number): number {
	const t = statistic / 4;
	if (freedom === 0 || !(t > freedom)) return 1;
	const bound = Math.exp(freedom - t + freedom * Math.log(t / freedom));
	return Math.max(Number.MIN_VALUE, Math.min(1, bound));
}
