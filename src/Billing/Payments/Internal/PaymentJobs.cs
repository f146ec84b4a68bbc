using Microsoft.Extensions.DependencyInjection;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// How payments add their jobs: a killed replica's are gone on with as soon as the options say, and none is lost or given up
/// without being counted.
/// </summary>
internal static class PaymentJobs
{
    /// <summary>Adds a job.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="handler">Does it.</param>
    /// <param name="options">How often and how patiently it is tried.</param>
    /// <param name="fenced">The guardrail of an attempt that another replica took over.</param>
    /// <param name="dead">The guardrail of one that failed for good.</param>
    public static IServiceCollection AddPaymentJob<TPayload>(
        this IServiceCollection services,
        JobHandler<TPayload> handler,
        JobOptions? options = null,
        string fenced = Guardrails.OutboxLeaseFenced,
        string dead = Guardrails.OutboxDeadLetter)
        where TPayload : IJobPayload => services.AddJob(handler, (options ?? new JobOptions()) with
        {
            Lease = LeaseOf,
            Watcher = (provider, ending, attempt) =>
                Count(provider.GetRequiredService<Guardrails>(), ending, attempt, fenced, dead),
        });

    /// <summary>Adds a job that runs for ever again.</summary>
    public static IServiceCollection AddPaymentLoop(
        this IServiceCollection services,
        string name,
        Func<PaymentsOptions, TimeSpan> every,
        Func<JobRun, CancellationToken, Task> handler) => services.AddRecurringJob(
        name, provider => every(provider.GetRequiredService<PaymentsOptions>()), handler, LeaseOf);

    private static TimeSpan LeaseOf(IServiceProvider provider) => provider.GetRequiredService<PaymentsOptions>().JobLease;

    private static void Count(Guardrails guardrails, JobEnding ending, int attempt, string fenced, string dead)
    {
        if (ending == JobEnding.Lost)
        {
            guardrails.Met(fenced);
        }
        else if (ending == JobEnding.Dead)
        {
            guardrails.Met(dead, Guardrails.AttemptCount, attempt);
        }
    }
}
