using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Platform;

/// <summary>How modules add jobs.</summary>
public static class JobRegistration
{
    /// <summary>Says how jobs of one kind are done. A replica takes only the kinds it knows.</summary>
    public static IServiceCollection AddJob<TPayload>(
        this IServiceCollection services, JobHandler<TPayload> handler, JobOptions? options = null)
        where TPayload : IJobPayload =>
        services.AddSingleton(new JobDefinition(
            TPayload.JobName,
            options ?? new JobOptions(),
            (run, job, cancellationToken) => handler(
                run,
                JsonSerializer.Deserialize<TPayload>(job.Payload, JsonConventions.Options)!,
                cancellationToken)));

    /// <summary>Adds a job that runs again and again, on one replica at a time, and is never dead.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">Its stable name, <c>module.verb_noun</c>.</param>
    /// <param name="every">The time from one end to the next beginning.</param>
    /// <param name="handler">Does it.</param>
    /// <param name="lease">How long one turn belongs to a replica that does not renew it; see <see cref="JobOptions" />.</param>
    public static IServiceCollection AddRecurringJob(
        this IServiceCollection services,
        string name,
        TimeSpan every,
        Func<JobRun, CancellationToken, Task> handler,
        Func<IServiceProvider, TimeSpan>? lease = null) =>
        services.AddSingleton(Recurring(name, every, handler, lease));

    /// <summary>The same, with a time the host's options say.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">Its stable name, <c>module.verb_noun</c>.</param>
    /// <param name="every">The time from one end to the next beginning.</param>
    /// <param name="handler">Does it.</param>
    /// <param name="lease">How long one turn belongs to a replica that does not renew it; see <see cref="JobOptions" />.</param>
    public static IServiceCollection AddRecurringJob(
        this IServiceCollection services,
        string name,
        Func<IServiceProvider, TimeSpan> every,
        Func<JobRun, CancellationToken, Task> handler,
        Func<IServiceProvider, TimeSpan>? lease = null) =>
        services.AddSingleton(provider => Recurring(name, every(provider), handler, lease));

    private static JobDefinition Recurring(
        string name,
        TimeSpan every,
        Func<JobRun, CancellationToken, Task> handler,
        Func<IServiceProvider, TimeSpan>? lease) => new(
        name,
        new JobOptions
        {
            RetryLongest = every < JobLimits.RetryLongest ? every : JobLimits.RetryLongest,
            Lease = lease,
        },
        (run, _, cancellationToken) => handler(run, cancellationToken))
        {
            Every = every,
        };

    /// <summary>
    /// Subscribes to a topic: what is published from the first start of this release on is delivered.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The subscriber's stable name, unique among all jobs: <c>module.on_thing_happened</c>.</param>
    /// <param name="subscriber">Hears the news.</param>
    /// <param name="options">How often and how patiently it is told.</param>
    public static IServiceCollection AddSubscriber<TEvent>(
        this IServiceCollection services, string name, Subscriber<TEvent> subscriber, JobOptions? options = null)
        where TEvent : IOutboxEvent =>
        services.AddSingleton(new JobDefinition(
            name,
            options ?? new JobOptions(),
            async (run, job, cancellationToken) =>
            {
                var reader = run.Services.GetRequiredService<OutboxReader>();
                var message = await reader.Read<TEvent>(job.MessageId!.Value, cancellationToken);
                await subscriber(message, run, cancellationToken);
            })
        {
            Topic = TEvent.Topic,
        });
}
