using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Shell;

/// <summary>What every page knows: who looks, at which organisation, from where.</summary>
/// <param name="Caller">Who looks.</param>
/// <param name="Org">The organisation looked at; null on the few pages that need none.</param>
/// <param name="Path">The page's path.</param>
/// <param name="Origin">How this host is reached, for commands to paste: <c>http://localhost:8080</c>.</param>
/// <param name="Nonce">Lets the page's own inline script run.</param>
/// <param name="Viewer">What the browser said of itself.</param>
public sealed record Frame(
    Caller Caller,
    OrganisationProfile? Org,
    string Path,
    string Origin,
    string Nonce,
    Viewer Viewer)
{
    /// <summary>The organisations a person belongs to, to turn to; none for the operator.</summary>
    public IReadOnlyList<OrganisationProfile> Choices { get; init; } = [];

    /// <summary>Whether the operator looks, who may turn to other organisations.</summary>
    public bool IsOperator => Caller.Realm == Realm.Operator;

    /// <summary>The organisation looked at.</summary>
    public OrganisationProfile RequiredOrg =>
        Org ?? throw new InvalidOperationException("This page does not stand in an organisation.");

    /// <summary>The currency the organisation is billed in where nothing else is said.</summary>
    public Currency Currency => RequiredOrg.DefaultBillingAccount.Currency;

    /// <summary>A link inside the organisation; parameters without a value are left out.</summary>
    public string To(string path, params (string Name, string? Value)[] query)
    {
        var pairs = query
            .Prepend(("org", Org?.Id.ToString()))
            .Where(pair => pair.Item2 is not null)
            .Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}");
        return string.Join('?', new[] { path, string.Join('&', pairs) }.Where(part => part.Length > 0));
    }

    /// <summary>A whole page.</summary>
    /// <typeparam name="TView">The component that shows it.</typeparam>
    /// <typeparam name="TModel">What it shows.</typeparam>
    public IResult Page<TView, TModel>(TModel model, int status = StatusCodes.Status200OK)
        where TView : ConsoleView<TModel> => new RazorComponentResult<TView>(Parameters(model))
        {
            StatusCode = status,
            PreventStreamingRendering = true,
        };

    /// <summary>A page that says there is nothing of this name, or nothing this reader may know of.</summary>
    /// <param name="what">What was looked for: <c>rated line</c>.</param>
    public IResult NotFound(string what) => Page<NotFoundView, string>(what, StatusCodes.Status404NotFound);

    private Dictionary<string, object?> Parameters<TModel>(TModel model) => new(StringComparer.Ordinal)
    {
        [nameof(ConsoleView<TModel>.Frame)] = this,
        [nameof(ConsoleView<TModel>.Model)] = model,
    };
}

/// <summary>A component that shows one page, or one part of it.</summary>
/// <typeparam name="TModel">What it shows.</typeparam>
public abstract class ConsoleView<TModel> : ComponentBase
{
    /// <summary>Who looks, at which organisation.</summary>
    [Parameter]
    [EditorRequired]
    public Frame Frame { get; set; } = null!;

    /// <summary>What is shown.</summary>
    [Parameter]
    [EditorRequired]
    public TModel Model { get; set; } = default!;
}
