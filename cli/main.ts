import { Failure } from "../core/failure.ts";
import { exitCodeOfFailure } from "./exit-codes.ts";
import { processSurroundings } from "./process-surroundings.ts";
import { countersignProgram } from "./program.ts";

const surroundings = processSurroundings();
try {
  await countersignProgram(surroundings).parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  surroundings.note(error.message);
  surroundings.exitWith(exitCodeOfFailure(error));
}
