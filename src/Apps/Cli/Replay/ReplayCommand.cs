using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Quoin.Kernel;

namespace Quoin.Cli;

/// <summary><c>quoin replay azure-llm</c>: sends a trace of LLM calls as usage events.</summary>
internal static class ReplayCommand
{
    private const string SourceDefault = "/replay/azure-llm";

    private static readonly Argument<FileInfo> File = new("file")
    {
        Description = $"The trace: CSV with {AzureTrace.TimeColumn},{AzureTrace.InputColumn},{AzureTrace.OutputColumn}.",
    };

    private static readonly Option<string> Model = new("--model")
    {
        Description = "The model that answered the calls; prices go by it.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "gpt-4o",
    };

    private static readonly Option<string> Source = new("--source")
    {
        Description = "The events' CloudEvents source. The same source and row count once; another source counts again.",
        HelpName = "URI",
        DefaultValueFactory = _ => SourceDefault,
    };

    private static readonly Option<int> Batch = new("--batch")
    {
        Description = $"Events in a request, 1 to {Limits.BatchMax}.",
        HelpName = "N",
        DefaultValueFactory = _ => Limits.BatchDefault,
    };

    private static readonly Option<int> Connections = new("--connections")
    {
        Description = $"Requests at once, 1 to {Limits.ConnectionsMax}.",
        HelpName = "N",
        DefaultValueFactory = _ => Limits.ConnectionsDefault,
    };

    private static readonly Option<double?> Speed = new("--speed")
    {
        Description = "Times the trace's own pace, such as 1 or 60. Default: as fast as it goes.",
        HelpName = "N",
    };

    private static readonly Option<int?> Shuffle = new("--shuffle")
    {
        Description = "Send in the shuffled order this number names.",
        HelpName = "SEED",
    };

    private static readonly Option<bool> Twice = new("--twice")
    {
        Description = "Send every event twice. It counts once.",
    };

    private static readonly Option<int> Skip = new("--skip")
    {
        Description = "Leave out the first N events of the order: a stopped replay says which number goes on.",
        HelpName = "N",
    };

    private static readonly Option<bool> SkipMalformed = new("--skip-malformed")
    {
        Description = "Send the good rows of a trace that has malformed ones. Without this nothing is sent.",
    };

    private static readonly Option<bool> Wait = new("--wait")
    {
        Description = "Wait until everything is rated, and show what it came to.",
    };

    public static Command Create()
    {
        var azure = new Command(
            "azure-llm",
            "Send a trace in the form of Azure's public LLM inference traces, one llm.completion event a row. Event ids "
            + "derive from the file's content and the line: running it again goes on where it stopped and counts nothing twice.")
        {
            File, Model, Source, Batch, Connections, Speed, Shuffle, Twice, Skip, SkipMalformed, Wait,
        };
        azure.AddConnection();
        azure.Validators.Add(result =>
        {
            RequireBetween(result, Batch, 1, Limits.BatchMax);
            RequireBetween(result, Connections, 1, Limits.ConnectionsMax);
            RequireBetween(result, Skip, 0, int.MaxValue);
            if (result.GetValue(Speed) is { } speed && !(speed > 0 && double.IsFinite(speed)))
            {
                result.AddError("--speed is above zero.");
            }

            if (result.GetValue(Speed) is not null && result.GetValue(Shuffle) is not null)
            {
                result.AddError("--speed goes by the trace's times, --shuffle against them: give one.");
            }
        });
        azure.SetWork(Run);
        return new Command("replay", "Send recorded usage through the API.") { azure };
    }

    private static void RequireBetween(
        System.CommandLine.Parsing.CommandResult result, Option<int> option, int least, int most)
    {
        // An option left out has its default only after validation.
        if (result.GetResult(option) is { Implicit: false } && (result.GetValue(option) < least || result.GetValue(option) > most))
        {
            result.AddError($"{option.Name} takes {least} to {most}.");
        }
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var trace = Read(parsed.GetRequiredValue(File));
        Report(trace.Faults, trace.FaultCount);
        if (trace.FaultCount > 0 && !parsed.GetValue(SkipMalformed))
        {
            await Console.Error.WriteLineAsync("quoin: nothing was sent. Correct the rows, or pass them over with --skip-malformed.");
            return ExitCodes.Failed;
        }

        var settings = SettingsOf(parsed, trace);
        using var api = new ApiClient(parsed.Connection() with { Connections = settings.Connections }, TimeProvider.System);
        var isWaiting = parsed.GetValue(Wait);
        var before = isWaiting ? await Settling.Used(api, cancellationToken) : null;
        var replay = new Replay(settings, api, TimeProvider.System);
        var started = TimeProvider.System.GetTimestamp();
        var outcome = await Progress.Run("Replaying", replay.Count, TimeProvider.System, tell =>
            replay.Run(() => tell(replay.Tally.Total), cancellationToken));
        ReportSent(settings, replay, TimeProvider.System.GetElapsedTime(started));
        if (outcome is not ReplayOutcome.Finished)
        {
            return await ReportUnfinished(outcome, replay);
        }

        var isSettled = before is null || await ReportRated(api, before, cancellationToken);
        return !replay.Tally.IsAllTaken || trace.FaultCount > 0 ? ExitCodes.SomeNotAccepted
            : isSettled ? ExitCodes.Done
            : ExitCodes.NotSettled;
    }

    private static AzureTrace Read(FileInfo file)
    {
        using var stream = file.OpenRead();
        return AzureTrace.Read(stream);
    }

    private static ReplaySettings SettingsOf(ParseResult parsed, AzureTrace trace) =>
        new(trace, parsed.GetRequiredValue(Source), parsed.GetRequiredValue(Model))
        {
            Batch = parsed.GetValue(Batch),
            Connections = parsed.GetValue(Connections),
            Speed = parsed.GetValue(Speed),
            ShuffleSeed = parsed.GetValue(Shuffle),
            IsTwice = parsed.GetValue(Twice),
            Skip = parsed.GetValue(Skip),
        };

    private static void Report(IReadOnlyList<TraceFault> faults, int count)
    {
        foreach (var fault in faults)
        {
            Console.Error.WriteLine($"line {fault.Line}: {fault.Reason}");
        }

        if (count > faults.Count)
        {
            Console.Error.WriteLine($"and {count - faults.Count} more malformed rows");
        }
    }

    private static void ReportSent(ReplaySettings settings, Replay replay, TimeSpan elapsed)
    {
        var rows = settings.Trace.Rows;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"trace   {rows.Count:n0} calls, {rows.Sum(row => row.InputTokens):n0} input "
            + $"and {rows.Sum(row => row.OutputTokens):n0} output tokens"));
        Console.WriteLine($"sent    {replay.Tally}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"took    {elapsed:hh\\:mm\\:ss\\.ff}, {replay.Tally.Total / Math.Max(elapsed.TotalSeconds, 0.001):n0} events/s"));
        foreach (var missed in replay.Tally.NotTaken)
        {
            Console.Error.WriteLine($"{missed.Verdict} {missed.Id}: {missed.Detail}");
        }

        if (replay.Tally.Conflict > 0)
        {
            Console.Error.WriteLine(
                "Rows in conflict were sent before with other content, such as another --model. "
                + "To count them again, name another --source.");
        }
    }

    private static async Task<int> ReportUnfinished(ReplayOutcome outcome, Replay replay)
    {
        if (outcome is ReplayOutcome.Refused refused)
        {
            await Console.Error.WriteLineAsync($"quoin: {refused.Message}");
            return ExitCodes.Failed;
        }

        var why = outcome is ReplayOutcome.GaveUp gaveUp ? $"gave up: {gaveUp.Message}" : "stopped.";
        await Console.Error.WriteLineAsync(
            $"quoin: {why}\nTo go on, run the same command with --skip {replay.Position} "
            + "(without it works too: what was sent counts once).");
        return outcome is ReplayOutcome.GaveUp ? ExitCodes.GaveUp : ExitCodes.Stopped;
    }

    private static async Task<bool> ReportRated(
        ApiClient api, IReadOnlyDictionary<string, long> before, CancellationToken cancellationToken)
    {
        var isSettled = await Settling.Wait(api, TimeProvider.System, cancellationToken);
        foreach (var (code, used) in await Settling.Used(api, cancellationToken))
        {
            var currency = Currency.Of(code);
            var more = new Money(used - before.GetValueOrDefault(code), currency);
            Console.WriteLine($"rated   {more} more; {new Money(used, currency)} used in all");
        }

        foreach (var row in (await api.Get<PageAnswer<UnpricedAnswer>>("/v1/unpriced-usage", cancellationToken)).Data)
        {
            var dimensions = string.Join(", ", row.Dimensions.Select(pair => $"{pair.Key} {pair.Value}"));
            await Console.Error.WriteLineAsync($"waits for a price: {row.Quantity} {row.Meter} of {dimensions} ({row.Reason})");
        }

        if (!isSettled)
        {
            await Console.Error.WriteLineAsync($"quoin: not everything was rated within {Limits.SettlePatience}.");
        }

        return isSettled;
    }
}
