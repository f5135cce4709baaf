package io.alphorn.cli;

import io.alphorn.error.AlphornException;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.nio.file.FileSystemException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/**
 * The program's entry: {@code alphorn COMMAND}.
 *
 * <p>This is a plain {@code main}, not a Quarkus application: {@link ServeCommand} alone starts
 * Quarkus, so every other command opens no port and answers without waiting for a server's start.
 */
@QuarkusMain
@Command(
    name = "alphorn",
    description = "Serves Keras models.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ServeCommand.class,
      CompileCommand.class,
      InspectCommand.class,
      PredictCommand.class,
      VariablesCommand.class,
      HelpCommand.class
    })
public class Main {
  /** Runs the command that {@code arguments} name and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /**
   * The whole command line. Exit codes: 0 done, 1 the command could not do it, 2 it was called
   * wrongly.
   */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(Main::report)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /** An expected error is its message; anything else is a fault of ours and keeps its trace. */
  private static int report(
      Exception exception, CommandLine command, CommandLine.ParseResult arguments)
      throws Exception {
    if (!(exception instanceof AlphornException) && !(exception instanceof IOException)) {
      throw exception;
    }
    command.getErr().println("alphorn: " + message(exception));
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  /** The JDK's messages for missing files and the like hold the path alone. */
  private static String message(Exception exception) {
    return exception instanceof FileSystemException
        ? exception.getClass().getSimpleName() + ": " + exception.getMessage()
        : String.valueOf(exception.getMessage());
  }

  /** The version that the build wrote into the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"alphorn " + (version == null ? "(not packaged)" : version)};
    }
  }
}
