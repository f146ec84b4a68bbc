using Microsoft.AspNetCore.Http;
using Quoin.Inference;

namespace Quoin.ConsolePages.ShowSpend;

/// <summary>What a reader of spend asks: which time, told apart by what, only of what. The address says all of it.</summary>
/// <param name="Range">One of <see cref="Ranges"/>.</param>
/// <param name="By">One of <see cref="Groups"/>.</param>
/// <param name="Model">Only of this model; null of all.</param>
/// <param name="Key">Only by this key; null by all.</param>
public sealed record SpendQuestion(string Range, string By, string? Model, string? Key)
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
    ];

    /// <summary>The group's name for people.</summary>
    public string ByText => Groups.First(one => one.Name == By).Text;

    /// <summary>The fields, as an address has them.</summary>
    public (string Name, string? Value)[] Fields => [("range", Range), ("by", By), ("model", Model), ("key", Key)];

    /// <summary>Reads the address; what it says wrong or leaves out becomes the default.</summary>
    public static SpendQuestion Read(HttpRequest request) => new(
        Ranges.FirstOrDefault(one => one.Name == FormText.Of(request, "range")).Name ?? "30d",
        Groups.FirstOrDefault(one => one.Name == FormText.Of(request, "by")).Name ?? "model",
        FormText.Of(request, "model"),
        FormText.Of(request, "key"));

    /// <summary>The same for the journal.</summary>
    /// <param name="now">By the organisation's clock.</param>
    public SummaryRequest Of(DateTimeOffset now)
    {
        var (_, _, length, step) = Ranges.First(one => one.Name == Range);

        // A step is begun as its clock says, so the first of them is cut short rather than one too many.
        var from = now - length;
        return new SummaryRequest(from, now, step, Groups.First(one => one.Name == By).Group, Model, Key);
    }
}
