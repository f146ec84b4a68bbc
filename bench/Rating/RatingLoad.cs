using System.Globalization;
using Quoin.Bench.Ingest;
using Quoin.Kernel;

namespace Quoin.Bench.Rating;

/// <summary>
/// Requests of a gateway that serves many organisations: each event's organisation is drawn from a Zipf distribution,
/// its model evenly. A few requests are laid out beforehand and sent in turn with new ids.
/// </summary>
internal sealed class RatingLoad
{
    public const int BatchEvents = 1_000;
    public const int Models = 50;
    private const double Skew = 1.1;
    private const int Layouts = 12;

    private readonly EventLoad[] layouts;
    private int next;

    public RatingLoad(string operatorKey, IReadOnlyList<OrgId> organisations, int lane)
    {
        // Seeded by the lane: every run and every round sends the same.
        var random = new Random(lane);
        var zipf = new Zipf(organisations.Count, Skew);
        layouts =
        [
            .. Enumerable.Range(0, Layouts).Select(layout => new EventLoad(
                operatorKey,
                [.. Enumerable.Range(0, BatchEvents).Select(_ => Event(organisations[zipf.Draw(random)], random.Next(Models)))],
                isBatch: true,
                HashCode.Combine(lane, layout, Interlocked.Increment(ref made)))),
        ];
    }

    private static int made;

    /// <summary>The next request.</summary>
    public EventLoad Next() => layouts[next++ % Layouts];

    /// <summary>The name of a model.</summary>
    public static string Model(int index) => string.Create(CultureInfo.InvariantCulture, $"model-{index:00}");

    /// <summary>One event of an organisation.</summary>
    public static string Event(OrgId org, int model) => EventLoad.Event(
        "{\"model\":\"" + Model(model) + "\",\"input_tokens\":1000,\"output_tokens\":100,\"request_id\":\"req_7f3a9c1e5b2d\","
            + "\"route\":\"chat\",\"stream\":true}",
        $"\"quoinorg\":\"{org}\",");

    /// <summary>Ranks drawn with a chance falling as a power of the rank.</summary>
    private sealed class Zipf
    {
        private readonly double[] cumulative;

        public Zipf(int ranks, double skew)
        {
            cumulative = new double[ranks];
            var sum = 0.0;
            for (var rank = 0; rank < ranks; rank++)
            {
                cumulative[rank] = sum += Math.Pow(rank + 1, -skew);
            }
        }

        public int Draw(Random random)
        {
            var found = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
            return Math.Min(found < 0 ? ~found : found, cumulative.Length - 1);
        }
    }
}
