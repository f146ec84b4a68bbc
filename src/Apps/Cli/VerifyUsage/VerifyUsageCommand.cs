using System.CommandLine;
using System.Globalization;

namespace Quoin.Cli;

/// <summary>
/// <c>quoin usage verify</c>: has the server compare usage with the books, follows it, and lists what does not fit. Its exit
/// codes are those of <c>quoin ledger verify</c>.
/// </summary>
internal static class VerifyUsageCommand
{
    private const int Sound = 0;
    private const int Findings = 1;
    private const int CouldNotRun = 2;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private static readonly Option<DateTimeOffset> From = new("--from")
    {
        Description = "Usage from this instant on, as 2026-01-31T00:00:00Z; the start of a quarter hour.",
        HelpName = "INSTANT",
        Required = true,
    };

    private static readonly Option<DateTimeOffset> To = new("--to")
    {
        Description = "To before this instant; the start of a quarter hour.",
        HelpName = "INSTANT",
        Required = true,
    };

    private static readonly Option<string?> Follow = new("--resume")
    {
        Description = "Follow this run instead of starting one: the server goes on with it by itself.",
        HelpName = "rec_…",
    };

    public static Command Create()
    {
        var command = new Command(
            "verify",
            "Derive usage again from the events and compare it with buckets, lines and books. The server does it in the "
            + "background. Needs an operator key; --org compares one organisation. Exit code: 0 sound, 1 something was found, "
            + "2 it could not run.")
        {
            From, To, Follow,
        };
        command.AddConnection();
        command.SetWork(Verify);
        return command;
    }

    private static async Task<int> Verify(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
            var run = parsed.GetValue(Follow) is { } known
                ? await api.Get<ReconciliationAnswer>($"/v1/reconciliation/{known}", cancellationToken)
                : await api.Post<ReconciliationAnswer>(
                    "/v1/reconciliation",
                    new { from = parsed.GetValue(From).ToUniversalTime(), to = parsed.GetValue(To).ToUniversalTime() },
                    cancellationToken);
            while (run.State == "running")
            {
                await Console.Error.WriteLineAsync($"{run.Id}: {Told(run)}");
                await Task.Delay(Every, TimeProvider.System, cancellationToken);
                run = await api.Get<ReconciliationAnswer>($"/v1/reconciliation/{run.Id}", cancellationToken);
            }

            await List(api, run, cancellationToken);
            Console.WriteLine($"{(run.IsSound ? "Sound" : run.State)}: {Told(run)}.");
            return run.IsSound ? Sound : run.FindingCount > 0 ? Findings : CouldNotRun;
        }
        catch (ApiException failure)
        {
            await Console.Error.WriteLineAsync($"quoin: the usage could not be verified: {failure.Message}");
            return CouldNotRun;
        }
    }

    private static async Task List(ApiClient api, ReconciliationAnswer run, CancellationToken cancellationToken)
    {
        var cursor = string.Empty;
        do
        {
            var page = await api.Get<FindingsAnswer>(
                $"/v1/reconciliation/{run.Id}/findings?limit=500{cursor}", cancellationToken);
            foreach (var one in page.Data)
            {
                Console.WriteLine($"{one.Kind} {one.Organisation} {one.Subject}: expected {one.Expected}; found {one.Found}");
            }

            cursor = page.NextCursor is null ? string.Empty : $"&cursor={Uri.EscapeDataString(page.NextCursor)}";
        }
        while (cursor.Length > 0);
    }

    private static string Told(ReconciliationAnswer run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{run.OrganisationCount} organisations, {run.EventCount} events, {run.LineCount} lines, "
        + $"{run.TransferCount} transfers, {run.FindingCount} findings");
}

/// <summary>A run as the API tells it.</summary>
internal sealed record ReconciliationAnswer(
    string Id,
    string State,
    int OrganisationCount,
    long EventCount,
    long LineCount,
    long TransferCount,
    long FindingCount,
    bool IsSound);

/// <summary>A page of findings.</summary>
internal sealed record FindingsAnswer(IReadOnlyList<FindingAnswer> Data, string? NextCursor);

/// <summary>A finding as the API tells it.</summary>
internal sealed record FindingAnswer(string Kind, string Organisation, string Subject, string Expected, string Found);
