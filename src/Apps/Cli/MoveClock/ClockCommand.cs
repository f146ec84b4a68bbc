using System.CommandLine;
using System.Globalization;
using Quoin.Kernel;

namespace Quoin.Cli;

/// <summary>
/// <c>quoin clock</c>: shows the clock of a test-mode organisation and moves it on, with everything that falls due.
/// </summary>
internal static class ClockCommand
{
    private static readonly Option<DateTimeOffset?> To = new("--to")
    {
        Description = "The instant the clock shall show, as 2027-01-31T00:00:00Z.",
        HelpName = "INSTANT",
    };

    private static readonly Option<string?> By = new("--by")
    {
        Description = "How much further, as ISO 8601 writes it: P1M, P1Y, P3DT12H.",
        HelpName = "DURATION",
    };

    private static readonly Option<string?> Reason = new("--reason")
    {
        Description = "Why, for the audit log.",
        HelpName = "TEXT",
    };

    public static Command Create()
    {
        var show = new Command("show", "Show the organisation's clock.");
        show.AddConnection();
        show.SetWork(Show);
        var advance = new Command(
            "advance",
            "Move a test-mode organisation's clock on. Everything due on the way happens, in order; when stopped, the "
            + "same command goes on.")
        {
            To, By, Reason,
        };
        advance.AddConnection();
        advance.Validators.Add(result =>
        {
            if (result.GetValue(To) is null == result.GetValue(By) is null)
            {
                result.AddError("Give either --to or --by.");
            }

            if (result.GetValue(By) is { } by && CalendarDuration.Read(by) is null)
            {
                result.AddError($"--by '{by}' is no duration such as P1M or P3DT12H.");
            }
        });
        advance.SetWork(Advance);
        return new Command("clock", "The clock of a test-mode organisation.") { show, advance };
    }

    private static async Task<int> Show(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var clock = await api.Get<TestClockAnswer>("/v1/test-clock", cancellationToken);
        Console.WriteLine(clock switch
        {
            { IsSettable: false } => $"{Text(clock.Now)}, the world's: a live organisation's clock cannot be moved.",
            { MovingTo: { } to } => $"{Text(clock.Now)}, on its way to {Text(to)}: {Steps(clock)} so far.",
            _ => Text(clock.Now),
        });
        return ExitCodes.Done;
    }

    private static async Task<int> Advance(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var target = parsed.GetValue(To) ?? await TargetOf(parsed.GetValue(By)!, api, cancellationToken);
        while (true)
        {
            // Named by its instant, the move may be asked for again until it has arrived.
            var clock = await api.Post<TestClockAnswer>(
                "/v1/test-clock/advance",
                new { to = target.ToUniversalTime(), reason = parsed.GetValue(Reason) },
                cancellationToken);
            if (clock.MovingTo is null)
            {
                Console.WriteLine($"The clock shows {Text(clock.Now)}; {Steps(clock)}.");
                return ExitCodes.Done;
            }

            await Console.Error.WriteLineAsync($"{Text(clock.Now)}: {Steps(clock)} so far");
        }
    }

    private static async Task<DateTimeOffset> TargetOf(string by, ApiClient api, CancellationToken cancellationToken)
    {
        var clock = await api.Get<TestClockAnswer>("/v1/test-clock", cancellationToken);
        return CalendarDuration.Read(by)!.Value.After(clock.Now)
            ?? throw new InvalidDataException($"--by '{by}' leads beyond the end of time.");
    }

    private static string Steps(TestClockAnswer clock) =>
        clock.Steps == 1 ? "1 due instant run" : $"{clock.Steps.ToString("n0", CultureInfo.InvariantCulture)} due instants run";

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
