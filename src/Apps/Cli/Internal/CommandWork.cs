using System.CommandLine;

namespace Quoin.Cli;

/// <summary>How the commands run and how their failures are told: one line, no stack trace.</summary>
internal static class CommandWork
{
    /// <summary>Sets what a command does; it returns one of <see cref="ExitCodes"/>.</summary>
    public static void SetWork(this Command command, Func<ParseResult, CancellationToken, Task<int>> work) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                return await work(parsed, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return ExitCodes.Stopped;
            }
            catch (ApiException failure)
            {
                await Console.Error.WriteLineAsync($"quoin: {failure.Message}");
                return failure.Code is null ? ExitCodes.GaveUp : ExitCodes.Failed;
            }
            catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"quoin: {failure.Message}");
                return ExitCodes.Failed;
            }
        });
}
