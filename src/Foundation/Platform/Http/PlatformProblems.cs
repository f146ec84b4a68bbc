namespace Quoin.Platform;

/// <summary>The ways any request can fail, whatever module answers it.</summary>
public static class PlatformProblems
{
    /// <summary>A bug or a broken invariant: logged with the request id, told without details.</summary>
    public static readonly ProblemCode InternalError = new(
        "internal_error",
        500,
        "Something went wrong inside Quoin.",
        "Try again with the same Idempotency-Key; if it stays, report the request_id.",
        Retry.Later);

    /// <summary>PostgreSQL cannot be reached, is starting, or refused the work for now.</summary>
    public static readonly ProblemCode DatabaseUnavailable = new(
        "database_unavailable",
        503,
        "The database cannot answer at the moment.",
        "Wait as long as Retry-After says and send the same request again.",
        Retry.Later);

    /// <summary>The request path names nothing, or nothing this caller may know of.</summary>
    public static readonly ProblemCode NotFound = new(
        "not_found",
        404,
        "There is nothing here.",
        "Check the path and the ids in it; ids of another organisation are answered the same way.");

    /// <summary>The path exists, but not for this HTTP method.</summary>
    public static readonly ProblemCode MethodNotAllowed = new(
        "method_not_allowed",
        405,
        "This path does not take that method.",
        "Use a method that the Allow header names.");

    /// <summary>The body is longer than this endpoint takes.</summary>
    public static readonly ProblemCode BodyTooLarge = new(
        "body_too_large",
        413,
        "The request body is too large.",
        "Send less in one request; the detail names the limit.");

    /// <summary>The body's media type or encoding is not one this endpoint reads.</summary>
    public static readonly ProblemCode UnsupportedMediaType = new(
        "unsupported_media_type",
        415,
        "The body's Content-Type or Content-Encoding is not supported here.",
        "Send application/json, or what the endpoint's documentation names.");

    /// <summary>The body is not JSON, or not of the documented shape.</summary>
    public static readonly ProblemCode MalformedJson = new(
        "malformed_json",
        400,
        "The request body is not the JSON this endpoint reads.",
        "Correct the body where the detail points.");

    /// <summary>The HTTP request itself is broken: headers, framing or an interrupted body.</summary>
    public static readonly ProblemCode MalformedRequest = new(
        "malformed_request",
        400,
        "The HTTP request is malformed.",
        "Correct what the detail names.");

    /// <summary>The body came too slowly.</summary>
    public static readonly ProblemCode RequestTimeout = new(
        "request_timeout",
        408,
        "The request took too long to arrive.",
        "Send it again over a better connection, or send less at once.",
        Retry.Later);

    /// <summary>A query parameter cannot be read, or is not known.</summary>
    public static readonly ProblemCode InvalidParameter = new(
        "invalid_parameter",
        400,
        "A parameter of the request is not valid.",
        "Correct the parameters listed in errors.");

    /// <summary>What an operator does stands in the audit log with a reason, and this is none.</summary>
    public static readonly ProblemCode ReasonRefused = new(
        "reason_refused",
        400,
        "A reason is needed, in one line of text.",
        "Say why, in words the audit log can keep.");

    /// <summary>A cursor was not made by this list.</summary>
    public static readonly ProblemCode InvalidCursor = new(
        "invalid_cursor",
        400,
        "The cursor is not one this list gave out.",
        "Start again without a cursor, and pass next_cursor on unchanged.");

    /// <summary>No credentials were sent where they are needed.</summary>
    public static readonly ProblemCode Unauthenticated = new(
        "unauthenticated",
        401,
        "Credentials are needed.",
        "Send a key as 'Authorization: Bearer qn_…'.");

    /// <summary>The caller is known and lacks the permission.</summary>
    public static readonly ProblemCode PermissionDenied = new(
        "permission_denied",
        403,
        "The caller may not do this.",
        "Use a key or a role with the permission the detail names.");

    /// <summary>A browser sent a write with a cookie, and another site made it do so.</summary>
    public static readonly ProblemCode CrossSiteRequest = new(
        "cross_site_request",
        403,
        "Another site may not act in your name.",
        "Do it from the console itself, or use a key.");

    /// <summary>An operator did not say which organisation to act in.</summary>
    public static readonly ProblemCode OrganisationRequired = new(
        "organisation_required",
        400,
        "An organisation must be named.",
        "Send the header 'Quoin-Org: org_…'.");

    /// <summary>A person who belongs to several organisations did not say which one to act in.</summary>
    public static readonly ProblemCode OrganisationSelectionRequired = new(
        "organisation_selection_required",
        409,
        "You belong to several organisations; say which one to act in.",
        "Send the header 'Quoin-Org: org_…' with one of the ids in organisation_ids.");

    /// <summary>A requester sends more than its rate allows, over all replicas together.</summary>
    public static readonly ProblemCode TooManyRequests = new(
        "too_many_requests",
        429,
        "More requests come than are allowed.",
        "Wait as long as Retry-After says; send events in batches, and ask the operator for a higher rate.",
        Retry.Later);

    /// <summary>The host is starting, stopping or cut off from what it needs.</summary>
    public static readonly ProblemCode NotReady = new(
        "not_ready",
        503,
        "This replica cannot take work now.",
        "Send the request to another replica, or wait; the checks member says what is missing.",
        Retry.Later);

    /// <summary>The header that makes a request repeatable cannot be used.</summary>
    public static readonly ProblemCode IdempotencyKeyInvalid = new(
        "idempotency_key_invalid",
        400,
        "The Idempotency-Key cannot be used.",
        "Send one Idempotency-Key of 1 to 255 characters, a new one for each new request.");

    /// <summary>A key came again with another request.</summary>
    public static readonly ProblemCode IdempotencyConflict = new(
        "idempotency_conflict",
        409,
        "The Idempotency-Key was used for another request.",
        "Use a new key for a new request; repeat a request with its key and the very same body.");

    /// <summary>A key came again while its first request is being worked on.</summary>
    public static readonly ProblemCode IdempotencyInProgress = new(
        "idempotency_in_progress",
        409,
        "The request with this Idempotency-Key is still being worked on.",
        "Wait as long as Retry-After says and send the same request again to get its answer.",
        Retry.Later);

    /// <summary>A key came again after its request was done with an answer too long to keep, or lost.</summary>
    public static readonly ProblemCode IdempotencyAnswerNotKept = new(
        "idempotency_answer_not_kept",
        409,
        "The request was done; its answer was not kept.",
        "Do not send it again; read what it made.");

    /// <summary>A request to move a clock does not say where to.</summary>
    public static readonly ProblemCode InvalidClockMove = new(
        "invalid_clock_move",
        422,
        "The request does not say where to move the clock.",
        "Give either to, an instant, or by, an ISO 8601 duration in whole numbers.");

    /// <summary>Somebody wants to move the clock of a live organisation.</summary>
    public static readonly ProblemCode ClockIsLive = new(
        "clock_is_live",
        409,
        "The clock of a live organisation cannot be moved.",
        "Use a test-mode organisation; mode is chosen when an organisation is created.");

    /// <summary>A clock that was moved before would go back.</summary>
    public static readonly ProblemCode ClockWouldGoBack = new(
        "clock_would_go_back",
        409,
        "The clock would go back.",
        "Name an instant after the one it shows, or use a new test-mode organisation.");

    /// <summary>A clock is to be moved further than one move may go.</summary>
    public static readonly ProblemCode ClockTooFar = new(
        "clock_too_far",
        422,
        "The clock cannot be moved that far at once.",
        "Move it in several steps of at most ten years.");

    /// <summary>A clock is being moved, or its due work is being run.</summary>
    public static readonly ProblemCode ClockIsBusy = new(
        "clock_is_busy",
        409,
        "The clock is being moved already.",
        "Wait until the first move has ended and ask again.",
        Retry.Later);
}
