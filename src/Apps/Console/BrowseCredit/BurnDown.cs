using System.Globalization;
using System.Text;
using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.ConsolePages.BrowseCredit;

/// <summary>
/// How a grant's balance went down, as a picture: a step line from its entries, by the organisation's clock, in the order
/// of the books. All places are shares of the picture's width and height, in percent, so that it fits any window.
/// </summary>
public sealed record BurnDown
{
    /// <summary>The picture's own width: one point a step of the line, and no more points than can be told apart.</summary>
    public const int Width = 1_000;

    /// <summary>The picture's own height.</summary>
    public const int Height = 240;

    private const int TimeMarksMost = 6;
    private const int ValueMarksMost = 4;

    // The line begins inside the picture, or what was spent at once could not be seen.
    private const double LeadShare = 0.02;

    // An expiry further away than this many times what has passed would squeeze the line; it is said in words instead.
    private const int AheadMost = 4;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan[] Steps =
    [
        .. new[] { 1, 5, 15, 30, 60, 120, 180, 360, 720 }.Select(minutes => TimeSpan.FromMinutes(minutes)),
        .. new[] { 1, 2, 7, 14, 28, 91, 182, 364 }.Select(days => TimeSpan.FromDays(days)),
    ];

    private readonly Period time;
    private readonly long top;

    private BurnDown(Period time, long top) => (this.time, this.top) = (time, top);

    /// <summary>The line, as an SVG path.</summary>
    public string Line { get; private init; } = string.Empty;

    /// <summary>What is under the line, as an SVG path.</summary>
    public string Area { get; private init; } = string.Empty;

    /// <summary>Where the line begins: when the grant was made.</summary>
    public string StartLeft { get; private init; } = "0";

    /// <summary>From there to where the line ends.</summary>
    public string LineWidth { get; private init; } = "100";

    /// <summary>Where the line ends: now, or when nothing was left for good.</summary>
    public string NowLeft { get; private init; } = "100";

    /// <summary>Whether the picture goes on beyond now.</summary>
    public bool HasFuture { get; private init; }

    /// <summary>Where the expiry stands; null where it is not in the picture.</summary>
    public string? ExpiryLeft { get; private init; }

    /// <summary>Whether the expiry stands in the right half, where its label has no place beside it.</summary>
    public bool IsExpiryRight { get; private init; }

    /// <summary>How high what is held now stands, from the bottom; null where nothing is held.</summary>
    public string? HeldHeight { get; private init; }

    /// <summary>Whether older entries were left out.</summary>
    public bool IsCut { get; private init; }

    /// <summary>Marks of the value axis, from the bottom.</summary>
    public IReadOnlyList<(string Bottom, Money Value)> Values { get; private init; } = [];

    /// <summary>Marks of the time axis.</summary>
    public IReadOnlyList<(string Left, string Text)> Times { get; private init; } = [];

    /// <summary>Draws.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="newest">Its newest entries, newest first.</param>
    /// <param name="now">What time it is for the organisation.</param>
    /// <param name="zone">The reader's.</param>
    public static BurnDown Of(Grant grant, IReadOnlyList<Entry> newest, DateTimeOffset now, TimeZoneInfo zone)
    {
        var points = Points(grant, newest, now);
        var start = points[0].At;
        var isCut = newest.Count >= Limits.EntriesDrawn;
        var hasEnded = grant.State is GrantState.Expired or GrantState.Voided;
        var last = Later(points[^1].At, hasEnded ? grant.EndedAt ?? now : now);
        var expires = grant.Terms.ExpiresAt;
        var isAhead = expires > last && expires - start <= Later(last - start, Shortest) * AheadMost;
        var end = Later(isAhead ? expires!.Value : last, start + Shortest);
        var currency = grant.Terms.Granted.Currency;
        var lead = (end - start) * LeadShare;
        var highest = Math.Max(grant.Terms.Granted.Micros, points.Max(point => point.Micros));
        var picture = new BurnDown(new Period(start - lead, end), highest);
        var line = picture.Path(points, last);
        return picture with
        {
            Line = line,
            Area = FormattableString.Invariant($"{line}V{Height}H{picture.X(start)}Z"),
            StartLeft = picture.Left(start),
            LineWidth = Percent(picture.Part(last) - picture.Part(start)),
            NowLeft = picture.Left(last),
            HasFuture = !hasEnded && end > last,
            ExpiryLeft = expires is { } at && at >= start && at <= end ? picture.Left(at) : null,
            IsExpiryRight = expires is { } right && (right - start).Ticks * 2 > (end - start).Ticks,
            HeldHeight = grant.Held.IsZero ? null : Share(grant.Held.Micros, highest),
            IsCut = isCut,
            Values = [.. Marks(highest).Select(micros => (Share(micros, highest), new Money(micros, currency)))],
            Times = [.. picture.TimeMarks(zone)],
        };
    }

    // Usage may be from before the grant, and late: the line goes on in the order of the books, never back.
    private static List<(DateTimeOffset At, long Micros)> Points(Grant grant, IReadOnlyList<Entry> newest, DateTimeOffset now)
    {
        var points = new List<(DateTimeOffset At, long Micros)>(newest.Count);
        var at = grant.Terms.CreatedAt;
        foreach (var entry in newest.Reverse())
        {
            at = Later(at, entry.OccurredAt < now ? entry.OccurredAt : now);
            points.Add((at, entry.BalanceAfter.Micros));
        }

        return points.Count > 0 ? points : [(at, grant.Balance.Micros)];
    }

    private string Path(List<(DateTimeOffset At, long Micros)> points, DateTimeOffset last)
    {
        var path = new StringBuilder();
        path.Append(CultureInfo.InvariantCulture, $"M{X(points[0].At)} {Y(points[0].Micros):0.##}");
        for (var index = 1; index < points.Count; index++)
        {
            // Of changes at one place only the last can be seen.
            var x = X(points[index].At);
            if (index + 1 == points.Count || X(points[index + 1].At) > x)
            {
                path.Append(CultureInfo.InvariantCulture, $"H{x}V{Y(points[index].Micros):0.##}");
            }
        }

        path.Append(CultureInfo.InvariantCulture, $"H{X(last)}");
        return path.ToString();
    }

    private int X(DateTimeOffset at) => (int)Math.Round(Part(at) * Width);

    private double Y(long micros) => top == 0 ? Height : Height * (1 - ((double)micros / top));

    private double Part(DateTimeOffset at) => (at - time.Start) / (time.End - time.Start);

    private string Left(DateTimeOffset at) => Percent(Part(at));

    private static string Share(long micros, long top) => Percent(top == 0 ? 0 : (double)micros / top);

    private static string Percent(double part) => (part * 100).ToString("0.##", CultureInfo.InvariantCulture);

    private static IEnumerable<long> Marks(long top)
    {
        var step = Powers().SelectMany(power => new[] { power, 2 * power, 5 * power }).First(one => top / one <= ValueMarksMost);
        for (var mark = 0L; mark <= top; mark += step)
        {
            yield return mark;
        }
    }

    private static IEnumerable<long> Powers()
    {
        for (var power = 1L; ; power *= 10)
        {
            yield return power;
        }
    }

    private IEnumerable<(string Left, string Text)> TimeMarks(TimeZoneInfo zone)
    {
        var step = Array.Find(Steps, one => (time.End - time.Start) / one <= TimeMarksMost);
        step = step == TimeSpan.Zero ? (time.End - time.Start) / 2 : step;
        var offset = zone.GetUtcOffset(time.Start);
        var first = (time.Start + offset).UtcTicks;
        var form = step >= TimeSpan.FromDays(1) ? "d MMM" : "HH:mm";
        for (var tick = first + ((step.Ticks - (first % step.Ticks)) % step.Ticks); ; tick += step.Ticks)
        {
            var at = new DateTimeOffset(tick, TimeSpan.Zero) - offset;
            if (at > time.End)
            {
                yield break;
            }

            var local = TimeZoneInfo.ConvertTime(at, zone);
            var isMidnight = local.TimeOfDay == TimeSpan.Zero;
            yield return (Left(at), local.ToString(isMidnight ? "d MMM" : form, CultureInfo.InvariantCulture));
        }
    }

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private static TimeSpan Later(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
