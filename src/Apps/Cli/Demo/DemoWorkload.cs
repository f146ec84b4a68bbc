using System.Globalization;

namespace Quoin.Cli;

/// <summary>
/// The demo's LLM calls: a pure function of a seed and of time. History is made by the quarter hour and the present by
/// the second, so a second run makes the same events with the same ids, and they count once.
/// </summary>
public sealed class DemoWorkload
{
    private const int SlotMinutes = 15;
    private const int SlotsPerWeek = 7 * 24 * 60 / SlotMinutes;

    // What is streamed live is many small calls, so that minutes of it do not dwarf a week of history.
    private const double LiveTokens = 0.08;
    private const double LivePerSecond = 3;

    private readonly int seed;
    private readonly int eventsPerWeek;
    private readonly IReadOnlyDictionary<DemoProject, double> meanBusyness;

    /// <summary>The workload of a seed.</summary>
    /// <param name="seed">Names it.</param>
    /// <param name="eventsPerWeek">About how many calls a week of history has.</param>
    public DemoWorkload(int seed, int eventsPerWeek)
    {
        (this.seed, this.eventsPerWeek) = (seed, eventsPerWeek);
        var week = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);
        meanBusyness = DemoProject.All.ToDictionary(
            project => project,
            project => Enumerable.Range(0, SlotsPerWeek).Average(slot => project.BusyAt(week.AddMinutes(slot * SlotMinutes))));
    }

    /// <summary>The CloudEvents source: other settings make other events, so they are another source.</summary>
    public string Source => string.Create(CultureInfo.InvariantCulture, $"/demo/{seed}/{eventsPerWeek}");

    /// <summary>The calls of the past, in the order of their time.</summary>
    /// <param name="from">From here, to the quarter hour before.</param>
    /// <param name="to">Until just before here.</param>
    public IEnumerable<CompletionEvent> History(DateTimeOffset from, DateTimeOffset to)
    {
        for (var slot = Kernel.QuarterHour.Of(from); slot < to; slot = slot.AddMinutes(SlotMinutes))
        {
            foreach (var call in Slot(slot).TakeWhile(call => call.Time < to))
            {
                yield return call;
            }
        }
    }

    /// <summary>The calls of one second of the present.</summary>
    public IReadOnlyList<CompletionEvent> Second(DateTimeOffset instant)
    {
        var second = instant.ToUnixTimeSeconds();
        var random = RandomOf("live", second);
        var start = DateTimeOffset.FromUnixTimeSeconds(second);
        var calls = new List<CompletionEvent>();
        foreach (var project in DemoProject.All)
        {
            // Half of the rate by the time of day, half always: there is something to see at night, too.
            var rate = LivePerSecond * project.Share * (0.5 + (0.5 * project.BusyAt(start)));
            for (var left = CountOf(rate, random); left > 0; left--)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"live-{second}-{calls.Count}");
                calls.Add(Call(id, start.AddMilliseconds(random.Next(1000)), project, random, LiveTokens));
            }
        }

        return calls;
    }

    private List<CompletionEvent> Slot(DateTimeOffset start)
    {
        var random = RandomOf("history", start.ToUnixTimeSeconds());
        var calls = new List<CompletionEvent>();
        foreach (var project in DemoProject.All)
        {
            var mean = eventsPerWeek * project.Share / SlotsPerWeek;
            for (var left = CountOf(mean * project.BusyAt(start) / meanBusyness[project], random); left > 0; left--)
            {
                var time = start.AddTicks(random.NextInt64(Kernel.QuarterHour.Ticks));
                var id = string.Create(CultureInfo.InvariantCulture, $"{start:yyyyMMddHHmm}-{calls.Count}");
                calls.Add(Call(id, time, project, random, tokens: 1));
            }
        }

        calls.Sort((left, right) => left.Time.CompareTo(right.Time));
        return calls;
    }

    private static CompletionEvent Call(string id, DateTimeOffset time, DemoProject project, Random random, double tokens)
    {
        var draw = random.NextDouble();
        var model = project.Models[^1].Model;
        foreach (var (name, share) in project.Models)
        {
            draw -= share;
            if (draw < 0)
            {
                model = name;
                break;
            }
        }

        return new CompletionEvent(
            id,
            time,
            project.Name,
            model,
            Math.Max(1, (long)(project.Prompts.Draw(random) * tokens)),
            Math.Max(1, (long)(project.Answers.Draw(random) * tokens)));
    }

    // The mean, give or take a quarter, with its fraction as a chance.
    private static int CountOf(double mean, Random random) =>
        (int)((mean * (0.75 + (0.5 * random.NextDouble()))) + random.NextDouble());

    // HashCode differs from run to run; this does not. FNV-1a over what names the moment.
    private Random RandomOf(string kind, long moment)
    {
        var hash = 2166136261u;
        foreach (var letter in string.Create(CultureInfo.InvariantCulture, $"{seed}/{eventsPerWeek}/{kind}/{moment}"))
        {
            hash = unchecked((hash ^ letter) * 16777619u);
        }

        return new Random(unchecked((int)hash));
    }
}
