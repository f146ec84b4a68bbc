using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Quoin.Cli;

/// <summary>
/// Shows how far a long command is, on the error output so that results can be piped: a bar on a terminal, a line now
/// and then elsewhere.
/// </summary>
public static class Progress
{
    /// <summary>Runs work of a known length.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="total">How many events there are.</param>
    /// <param name="time">Measures the rate.</param>
    /// <param name="work">The work; it tells how many events are done whenever it likes, from any thread.</param>
    public static Task<T> Run<T>(string title, long total, TimeProvider time, Func<Action<long>, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Console.IsErrorRedirected
            ? RunPlain(title, total, time, work)
            : RunBar(title, total, work);
    }

    private static Task<T> RunBar<T>(string title, long total, Func<Action<long>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RateColumn(),
                new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(title, maxValue: Math.Max(1, total));
                var result = await work(done => task.Value = done);
                task.StopTask();
                return result;
            });
    }

    private static async Task<T> RunPlain<T>(string title, long total, TimeProvider time, Func<Action<long>, Task<T>> work)
    {
        var started = time.GetTimestamp();
        var done = 0L;
        await using var timer = time.CreateTimer(
            _ => Console.Error.WriteLine(PlainLine(title, Volatile.Read(ref done), total, time.GetElapsedTime(started))),
            null,
            Limits.ProgressEvery,
            Limits.ProgressEvery);
        return await work(value => Volatile.Write(ref done, value));
    }

    /// <summary>A line of progress for where there is no terminal.</summary>
    public static string PlainLine(string title, long done, long total, TimeSpan elapsed)
    {
        var rate = elapsed > TimeSpan.Zero ? done / elapsed.TotalSeconds : 0;
        var left = rate > 0 ? TimeSpan.FromSeconds((total - done) / rate) : (TimeSpan?)null;
        var percent = total == 0 ? 100 : 100 * done / total;
        var eta = left is { } known ? string.Create(CultureInfo.InvariantCulture, $", {known:hh\\:mm\\:ss} left") : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture, $"{title}: {done:n0} of {total:n0} ({percent} %), {rate:n0} events/s{eta}");
    }

    private sealed class RateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(string.Create(CultureInfo.InvariantCulture, $"{task.Speed ?? 0:n0}/s"), new Style(Color.Grey));
    }
}
