import { STATES } from '../../models/calibration/kernels.js';
import { DEFAULTS } from './defaults.js';

/** The experiment file that `detbal init` writes: every key with its meaning, ready to run on the built-in models. */
export function starterExperiment(): string {
	const { sampling, engine } = DEFAULTS;
	// JSON strings are YAML strings, and stay text whatever they hold (NO, 1, null).
	const list = STATES.map((state) => JSON.stringify(state)).join(', ');
	return `# An experiment for detbal. Check it with: detbal plan FILE    Run it with: detbal run FILE
# Keys marked (default) may be left out.

# Names the database and the report: letters, digits, . _ -
name: first-experiment

# The same seed repeats every transition bit for bit. Several seeds: seeds: [1, 2, 3]
seed: 20251210

# What the states are, and how an answer is read.
#   closed: the states are listed. read: whole (the whole answer is the state) or first-word
#   words:  words whose letters A = 1 … Z = 26 sum to letterSum, for example
#           task: { kind: words, letterSum: 100, list: words.txt }
task:
  kind: closed
  states: [${list}]
  read: ${DEFAULTS.read} # (default)

# Where attempts begin. States left out: all states of the task.
#   fixed: the same number of attempts from each source
#   crawl: from a random known state each time; what comes back becomes known
#   chain: each answer is the next input
sources:
  design: ${DEFAULTS.design} # (default)

# Attempts per source (fixed), or in all (crawl, chain).
attempts: 500

# Models of detbal's own list (detbal models list), or files of yours:
#   - { id: my-model, path: my-model.gguf, sha256: … }
models:
  - id: llama-reversible # built so that detailed balance holds
  - id: gpt2-driven # built so that it is violated

# Prompts. {state} is where the state goes. Long ones: file: prompt.txt instead of text.
# chat: true wraps the text in the model's own chat template.
templates:
  - id: plain
    text: "An example word is {state}. A new word:"
    chat: ${DEFAULTS.chat} # (default)

# How an answer is drawn from the model's law. A list of settings compares them.
sampling: # (default, all of it)
  temperature: ${sampling.temperature} # 0: always the most probable token
  topK: ${sampling.topK} # 0: off
  topP: ${sampling.topP} # 1: off
  minP: ${sampling.minP} # 0: off
  maxTokens: ${sampling.maxTokens} # longest answer
  stop: ${JSON.stringify(sampling.stop)} # an answer ends before the first of these

# How the model is evaluated. Each of these can change the last bits of a result.
engine: # (default, all of it)
  gpu: ${engine.gpu} # cpu, auto, cuda, vulkan, metal
  gpuLayers: ${engine.gpuLayers} # auto: none on the cpu, all on a gpu
  threads: ${engine.threads}
  width: ${engine.width} # answers evaluated side by side
  contextSize: ${engine.contextSize} # auto: as long as the longest prompt and answer need
  batchSize: ${engine.batchSize} # longest piece of a prompt evaluated at once
`;
}
