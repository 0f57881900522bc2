import { Command, CommanderError } from 'commander';
import { version } from '../../package.json' with { type: 'json' };
import { benchCommand } from './bench/command.ts';
import { compareCommand } from './compare.ts';
import { diagnoseCommand } from './diagnose.ts';
import { EXIT } from './exit.ts';
import { exportCommand } from './export.ts';
import { recordCommand } from './record.ts';
import { serveCommand } from './serve/command.ts';
import { guardTerminal } from './terminal.ts';
import { traceCommand } from './trace.ts';
import { tuneCommand } from './tune.ts';
import { watchCommand } from './watch/command.ts';

/** argv → source → diagnose → text or JSON, exit code. Results go to stdout, everything else to stderr. */
export async function run(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.usage;
  const program = new Command('vllm-triage')
    .description('Says what is wrong with a vLLM fleet, since when, how sure it is, and what to change.')
    .version(version)
    .showHelpAfterError('(--help shows an example)')
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText(
      'after',
      '\nExample:\n  vllm-triage diagnose --prometheus http://127.0.0.1:9090 --selector \'{job="vllm"}\'',
    );
  const done = (exit: number) => {
    code = exit;
  };
  for (const command of [
    serveCommand(done),
    diagnoseCommand(version, done),
    compareCommand(version, done),
    watchCommand(version, done),
    recordCommand(done),
    benchCommand(version, done),
    tuneCommand(version, done),
    traceCommand(version, done),
  ])
    program.addCommand(command.copyInheritedSettings(program));
  program.addCommand(exportCommand(program, version, done));
  try {
    await program.parseAsync(argv as string[], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.usage;
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader went away (`| head`): nothing is wrong.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
for (const stream of [process.stdout, process.stderr]) guardTerminal(stream);
process.exitCode = await run(process.argv.slice(2));
