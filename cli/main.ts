import { Failure } from "../core/failure.ts";
import { exitCodeOfFailure } from "./exit-codes.ts";
import { fileFailure } from "./file-failure.ts";
import { processSurroundings } from "./process-surroundings.ts";
import { countersignProgram } from "./program.ts";

const surroundings = processSurroundings();
try {
  await countersignProgram(surroundings).parseAsync();
} catch (error) {
  const failure = error instanceof Failure ? error : fileFailure(error);
  // What is nobody's mistake but ours keeps its trace, for whoever reports it.
  if (failure === undefined) throw error;
  surroundings.note(failure.message);
  surroundings.exitWith(exitCodeOfFailure(failure));
}
