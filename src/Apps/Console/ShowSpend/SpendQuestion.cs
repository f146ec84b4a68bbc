using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Inference;

namespace Quoin.ConsolePages.ShowSpend;

/// <summary>What a reader of spend asks: which time, told apart by what, only of what. The address says all of it.</summary>
/// <param name="Range">One of <see cref="Ranges"/>.</param>
/// <param name="By">One of <see cref="Groups"/>.</param>
/// <param name="Model">Only of this model; null of all.</param>
/// <param name="Key">Only by this key; null by all.</param>
/// <param name="Session">Only of this session; null of all.</param>
/// <param name="Tag">Only marked with this tag; null of all.</param>
/// <param name="Team">Only by keys of this team; null by all.</param>
/// <param name="Day">Only this day, UTC, hour by hour, whatever the range says; null for the range.</param>
public sealed record SpendQuestion(
    string Range,
    string By,
    string? Model = null,
    string? Key = null,
    string? Session = null,
    string? Tag = null,
    string? Team = null,
    DateOnly? Day = null)
{
    /// <summary>The ranges there are, with their names, lengths and steps.</summary>
    public static IReadOnlyList<(string Name, string Text, TimeSpan Length, SummaryStep Step)> Ranges { get; } =
    [
        ("24h", "24 h", TimeSpan.FromHours(24), SummaryStep.Hour),
        ("7d", "7 d", TimeSpan.FromDays(7), SummaryStep.Hours6),
        ("30d", "30 d", TimeSpan.FromDays(30), SummaryStep.Day),
        ("90d", "90 d", TimeSpan.FromDays(90), SummaryStep.Day),
    ];

    /// <summary>What can be told apart, with its names.</summary>
    public static IReadOnlyList<(string Name, string Text, SummaryGroup Group)> Groups { get; } =
    [
        ("model", "Model", SummaryGroup.Model),
        ("key", "Key", SummaryGroup.Key),
        ("user", "End user", SummaryGroup.User),
        ("session", "Session", SummaryGroup.Session),
        ("project", "Project", SummaryGroup.Project),
        ("team", "Team", SummaryGroup.Team),
        ("tag", "Tag", SummaryGroup.Tag),
    ];

    /// <summary>The group's name for people.</summary>
    public string ByText => Groups.First(one => one.Name == By).Text;

    /// <summary>The fields, as an address has them.</summary>
    public (string Name, string? Value)[] Fields => [("range", Range), ("by", By), .. Filters];

    /// <summary>What it is narrowed to, as an address has it.</summary>
    public (string Name, string? Value)[] Filters =>
    [
        ("model", Model), ("key", Key), ("session", Session), ("tag", Tag), ("team", Team), ("day", DayText),
    ];

    /// <summary>Whether it is narrowed to anything.</summary>
    public bool IsNarrowed => Filters.Any(one => one.Value is not null);

    /// <summary>The day, as an address and a field have it.</summary>
    public string? DayText => Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The same without one of its filters.</summary>
    public SpendQuestion Without(string filter) => filter switch
    {
        "model" => this with { Model = null },
        "key" => this with { Key = null },
        "session" => this with { Session = null },
        "tag" => this with { Tag = null },
        "team" => this with { Team = null },
        _ => this with { Day = null },
    };

    /// <summary>Reads the address; what it says wrong or leaves out becomes the default.</summary>
    public static SpendQuestion Read(HttpRequest request) => new(
        Ranges.FirstOrDefault(one => one.Name == FormText.Of(request, "range")).Name ?? "30d",
        Groups.FirstOrDefault(one => one.Name == FormText.Of(request, "by")).Name ?? "model",
        FormText.Of(request, "model"),
        FormText.Of(request, "key"),
        FormText.Of(request, "session"),
        FormText.Of(request, "tag"),
        FormText.Of(request, "team"),
        FormText.Instant(FormText.Of(request, "day")) is { } day && CallHistory.MayBeAskedFor(day)
            ? DateOnly.FromDateTime(day.UtcDateTime)
            : null);

    /// <summary>The same for the journal.</summary>
    /// <param name="now">By the organisation's clock.</param>
    public SummaryRequest Of(DateTimeOffset now)
    {
        var (_, _, length, step) = Ranges.First(one => one.Name == Range);

        // The journal goes back to the start of the first step, for the sums and for the file alike.
        var (from, to) = (now - length, now);
        if (Day is { } day)
        {
            from = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
            (to, step) = (from.AddDays(1), SummaryStep.Hour);
        }

        return new SummaryRequest(
            from, to, step, Groups.First(one => one.Name == By).Group, Model, Key, Session, Tag, Team);
    }
}
