/** detbal as a library: the parts that the command line is made of. */

export { type CountInput, type CountTable, countTable } from './analysis/table/counts.js';
export { DEFAULT_VERIFY, type GroupVerdict, verifyGroups } from './analysis/verify.js';
export { openArchive } from './archive/open.js';
export { rerunArchive } from './archive/rerun.js';
export { verifyArchive } from './archive/verify.js';
export { writeArchive } from './archive/write.js';
export type { Dossier, GroupRecord } from './dossier/dossier.js';
export { gatherDossier } from './dossier/gather.js';
export type {
	Engine,
	EngineIdentity,
	NextTokenLaw,
	NumericsIdentity,
	Token,
	TokenPath,
} from './engine/engine.js';
export { openLlamaHost } from './engine/llama.js';
export { type KnownKernel, openSyntheticEngine } from './engine/synthetic.js';
export { HarnessError, UsageError } from './errors.js';
export type { Experiment } from './experiment/experiment.js';
export { loadExperiment, parseExperiment } from './experiment/parse.js';
export { makeTask, type Reading, type Task } from './experiment/tasks/task.js';
export { OUTCOMES, type Outcome } from './outcome.js';
export { groupFigures, overviewFigures, svgFile } from './report/figures/figures.js';
export { reportPage } from './report/page/page.js';
export { compareDatabases } from './runner/compare.js';
export type { CompareResult } from './runner/compare-result.js';
export { compareRuns } from './runner/compare-runs.js';
export { runDoctor } from './runner/doctor.js';
export { type Estimate, estimateRun } from './runner/estimate.js';
export { scoreKernels } from './runner/exact.js';
export { analyseExact, type ExactFinding } from './runner/exact-finding.js';
export { type ExactKernel, exactKernels } from './runner/exact-read.js';
export { exportDatabase } from './runner/export.js';
export { type RerunResult, rerun } from './runner/rerun.js';
export { type RunResult, runExperiment } from './runner/run.js';
export { type VerifyResult, verifyDatabase } from './runner/verify.js';
export { cellDigest, runDigest } from './store/digest.js';
export { mergeDatabases } from './store/merge.js';
export { StoreReader } from './store/reader.js';
