using Quoin.Inference.Internal;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What one replica has seen of a deployment in the last <see cref="Limits.HealthMinutes"/> minutes.</summary>
/// <param name="Provider">The provider's name here.</param>
/// <param name="Model">The provider's name of the model.</param>
/// <param name="State"><c>closed</c>: it is asked. <c>open</c>: it rests. <c>half_open</c>: one call at a time tries it.</param>
/// <param name="CoolingUntil">Until when it rests; null where it does not.</param>
/// <param name="Calls">How often it was asked.</param>
/// <param name="Errors">How often that failed for reasons of its own: 429, 5xx, silence, broken answers.</param>
/// <param name="LatencyP50Ms">Half of the answers were whole after so many milliseconds; null where none was.</param>
/// <param name="LatencyP99Ms">Ninety-nine in a hundred were.</param>
/// <param name="FirstTokenP50Ms">Half of the answers had begun after so many milliseconds.</param>
/// <param name="FirstTokenP99Ms">Ninety-nine in a hundred had.</param>
/// <param name="TokensPerSecond">Tokens of output a second, once begun; of half of the answers.</param>
/// <param name="LastError">What failed last, in a word: a status, <c>timeout</c>, <c>unreachable</c>, <c>broken_off</c>.</param>
/// <param name="LastErrorAt">When that was, by the system's clock.</param>
public sealed record DeploymentHealth(
    string Provider,
    string Model,
    string State,
    DateTimeOffset? CoolingUntil,
    long Calls,
    long Errors,
    double? LatencyP50Ms,
    double? LatencyP99Ms,
    double? FirstTokenP50Ms,
    double? FirstTokenP99Ms,
    double? TokensPerSecond,
    string? LastError,
    DateTimeOffset? LastErrorAt)
{
    /// <summary>The models, as clients name them, that it answers for.</summary>
    public IReadOnlyList<string> AnswersFor { get; init; } = [];
}

/// <summary>The health of all deployments, as one replica saw them.</summary>
/// <param name="Replica">Which replica.</param>
/// <param name="At">When, by the system's clock.</param>
/// <param name="Minutes">Of how many minutes the numbers are.</param>
/// <param name="Deployments">Every deployment of every model, by provider and model.</param>
public sealed record HealthReport(
    string Replica, DateTimeOffset At, int Minutes, IReadOnlyList<DeploymentHealth> Deployments);

/// <summary>How the providers of models are, as this replica sees them.</summary>
public sealed class ProviderHealth
{
    private readonly Routes routes;
    private readonly Replica replica;
    private readonly TimeProvider time;

    internal ProviderHealth(Routes routes, Replica replica, TimeProvider time) =>
        (this.routes, this.replica, this.time) = (routes, replica, time);

    /// <summary>Every deployment there is, those that nobody has called yet with them.</summary>
    public async ValueTask<HealthReport> Read()
    {
        var models = await routes.All();
        var deployments = models.Values
            .SelectMany(model => model.Deployments.Select(one => (model.Model, Deployment: one)))
            .GroupBy(one => one.Deployment.Name)
            .OrderBy(group => group.Key.Provider, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Model, StringComparer.Ordinal)
            .Select(group => group.First().Deployment.Watch!.Read(group.Key) with
            {
                AnswersFor = [.. group.Select(one => one.Model).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            });
        return new HealthReport(replica.Name, time.GetUtcNow(), Limits.HealthMinutes, [.. deployments]);
    }
}
