using System.Globalization;

namespace Quoin.Cli;

/// <summary>
/// Makes traces of the shape real code assistants have: prompts and answers whose lengths lie on log-normal curves
/// (medians about 1,500 and 13 tokens, as in Azure's code trace of 2023), and arrivals in bursts. The same seed, the
/// same trace.
/// </summary>
public static class TraceMaker
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
    private static readonly TokenCurve Prompts = new(Median: 1_500, Spread: 1.1, Smallest: 3, Largest: 7_437);
    private static readonly TokenCurve Answers = new(Median: 14, Spread: 0.95, Smallest: 1, Largest: 1_899);

    /// <summary>The rows, in the order of their time, about two and a half a second.</summary>
    public static IEnumerable<TraceRow> Rows(int count, int seed)
    {
        const double burstsShare = 0.2;
        const double burstRate = 9;
        const double quietRate = 1.2;
        const double phaseSeconds = 20;
        var random = new Random(seed);
        var time = Start;
        var (phaseEnds, rate) = (Start, quietRate);
        for (var index = 0; index < count; index++)
        {
            if (time >= phaseEnds)
            {
                rate = random.NextDouble() < burstsShare ? burstRate : quietRate;
                phaseEnds = time + TimeSpan.FromSeconds(phaseSeconds * Exponential(random));
            }

            time += TimeSpan.FromSeconds(Exponential(random) / rate);
            yield return new TraceRow(index + 2, time, Prompts.Draw(random), Answers.Draw(random));
        }
    }

    /// <summary>Writes rows as a file <see cref="AzureTrace"/> reads, without a line end after the last one.</summary>
    public static void Write(TextWriter file, IEnumerable<TraceRow> rows)
    {
        file.Write($"{AzureTrace.TimeColumn},{AzureTrace.InputColumn},{AzureTrace.OutputColumn}");
        foreach (var row in rows)
        {
            file.Write('\n');
            file.Write(string.Create(
                CultureInfo.InvariantCulture, $"{row.Time:yyyy-MM-dd HH:mm:ss.fffffff},{row.InputTokens},{row.OutputTokens}"));
        }
    }

    private static double Exponential(Random random) => -Math.Log(1 - random.NextDouble());
}

/// <summary>A log-normal curve of token counts, cut at both ends.</summary>
/// <param name="Median">Half of the draws lie below.</param>
/// <param name="Spread">The standard deviation of the logarithm.</param>
/// <param name="Smallest">The smallest draw.</param>
/// <param name="Largest">The largest draw.</param>
public readonly record struct TokenCurve(double Median, double Spread, long Smallest, long Largest)
{
    /// <summary>One draw.</summary>
    public long Draw(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);

        // Box and Muller's way from two even draws to one of the normal curve.
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Math.Clamp((long)(Median * Math.Exp(Spread * normal)), Smallest, Largest);
    }
}
