using System.CommandLine;
using System.Text.Json;

namespace Quoin.Cli;

/// <summary><c>quoin events send</c>: sends events from a file or the input.</summary>
internal static class EventsCommand
{
    private static readonly Argument<FileInfo?> File = new("file")
    {
        Description = "JSON: one event, an array of them, or one a line. Default: the standard input.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create()
    {
        var send = new Command("send", "Send CloudEvents 1.0. The same source and id count once, so sending again is harmless.")
        {
            File,
        };
        send.AddConnection();
        send.SetWork(Send);
        return new Command("events", "Send usage events.") { send };
    }

    private static async Task<int> Send(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var input = parsed.GetValue(File)?.OpenRead() ?? Console.OpenStandardInput();
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var tally = new SendTally();
        try
        {
            await foreach (var batch in EventBatches.Read(input, cancellationToken))
            {
                tally.Add(await api.SendBatch(batch, cancellationToken));
            }
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"The input is no JSON of events: {broken.Message}", broken);
        }
        finally
        {
            Console.WriteLine(tally);
        }

        foreach (var missed in tally.NotTaken)
        {
            await Console.Error.WriteLineAsync($"{missed.Verdict} {missed.Id}: {missed.Detail}");
        }

        return tally.IsAllTaken ? ExitCodes.Done : ExitCodes.SomeNotAccepted;
    }
}
