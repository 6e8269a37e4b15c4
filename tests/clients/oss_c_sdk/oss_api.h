/* What the kit's C program uses of OSS's SDK for C, declared for the compiler's checks alone.
 *
 * The SDK itself is in no package registry. These are the types and functions that its documentation and its
 * headers (3.11.2) have, as far as the program names them; a structure has only the members that it uses.
 */
#ifndef STAND_IN_OSS_API_H
#define STAND_IN_OSS_API_H

#include <stdint.h>
#include <stdlib.h>

#include <apr_pools.h>
#include <apr_tables.h>

enum { AOSE_OK = 0 };

typedef apr_pool_t aos_pool_t;
typedef apr_table_t aos_table_t;

typedef struct {
    int len;
    char *data;
} aos_string_t;

typedef struct aos_list_s aos_list_t;
struct aos_list_s {
    aos_list_t *next;
    aos_list_t *prev;
};

typedef struct {
    aos_list_t node;
    uint8_t *pos;
    uint8_t *last;
} aos_buf_t;

typedef struct {
    int code;
    char *error_code;
    char *error_msg;
    char *req_id;
} aos_status_t;

typedef struct {
    aos_string_t endpoint;
    aos_string_t access_key_id;
    aos_string_t access_key_secret;
    aos_string_t sts_token;
    int is_cname;
    int signature_version;
    aos_string_t region;
} oss_config_t;

typedef struct aos_http_controller_s aos_http_controller_t;

typedef struct {
    oss_config_t *config;
    aos_http_controller_t *ctl;
    aos_pool_t *pool;
} oss_request_options_t;

typedef struct {
    aos_list_t node;
    aos_string_t key;
} oss_list_object_content_t;

typedef struct {
    aos_string_t prefix;
    aos_string_t marker;
    int truncated;
    aos_string_t next_marker;
    aos_list_t object_list;
} oss_list_object_params_t;

int aos_http_io_initialize(const char *user_agent, int flags);
void aos_http_io_deinitialize(void);
int aos_pool_create(aos_pool_t **pool, aos_pool_t *parent);
void aos_pool_destroy(aos_pool_t *pool);
void aos_str_set(aos_string_t *string, char *text);
void aos_list_init(aos_list_t *list);
long aos_buf_size(aos_buf_t *block);
int aos_status_is_ok(aos_status_t *status);
aos_http_controller_t *aos_http_controller_create(aos_pool_t *parent, int own);
oss_request_options_t *oss_request_options_create(aos_pool_t *pool);
oss_config_t *oss_config_create(aos_pool_t *pool);
oss_list_object_params_t *oss_create_list_object_params(aos_pool_t *pool);
aos_status_t *oss_get_object_to_buffer(const oss_request_options_t *options, const aos_string_t *bucket,
                                       const aos_string_t *object, aos_table_t *headers, aos_table_t *params,
                                       aos_list_t *buffer, aos_table_t **answered);
aos_status_t *oss_put_object_from_file(const oss_request_options_t *options, const aos_string_t *bucket,
                                       const aos_string_t *object, const aos_string_t *file,
                                       aos_table_t *headers, aos_table_t **answered);
aos_status_t *oss_list_object(const oss_request_options_t *options, const aos_string_t *bucket,
                              oss_list_object_params_t *params, aos_table_t **answered);

/* In all of these lists the node comes first. */
#define aos_list_for_each_entry(type, pos, head, member) \
    for (pos = (type *)(head)->next; &pos->member != (head); pos = (type *)pos->member.next)

#endif
